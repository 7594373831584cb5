"""One file a module, and the tree, the documents and the browser as tests."""
