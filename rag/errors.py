"""The errors a user of wenbao can meet; every message names the thing and the fix, in one line.

WenbaoError
├── InputError            a file, folder or question that cannot be used as given
│   ├── EmptyCorpusError    nothing readable under the given paths
│   └── QuestionError       a question that is empty or too long, a filter that is malformed
├── StoredIndexError      an index folder that cannot be served
│   ├── MissingIndexError   no index there yet
│   └── CorruptIndexError   a file is missing or its checksum differs
├── BusyError             a rebuild that cannot start: another one is running
├── FeedbackError         verdicts on answers that cannot be kept or read
└── ModelError            a model that cannot be loaded
    └── ModelMismatchError  an index asked with another model than its own
"""


class WenbaoError(Exception):
    """Base of all errors raised on purpose by this package."""


class InputError(WenbaoError):
    """A file, folder or question cannot be used as given."""


class EmptyCorpusError(InputError):
    """No article was found under the given paths."""


class QuestionError(InputError):
    """The question is empty or too long, or a filter is malformed."""


class StoredIndexError(WenbaoError):
    """An index folder cannot be served."""


class MissingIndexError(StoredIndexError):
    """There is no index in the folder."""


class CorruptIndexError(StoredIndexError):
    """A file of the index is missing or does not match its checksum."""


class BusyError(WenbaoError):
    """A rebuild cannot start: another one is running."""


class FeedbackError(WenbaoError):
    """Verdicts on answers cannot be kept or read."""


class ModelError(WenbaoError):
    """A model cannot be loaded."""


class ModelMismatchError(ModelError):
    """The index was built with another model than the one asked for."""
