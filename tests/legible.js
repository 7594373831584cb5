// Every text that can be seen and is too pale for the first ground behind it that is not transparent:
// the contrast that WCAG 2 asks for at level AA, 4.5, or 3 for large letters.
() => {
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  for (const node of document.querySelectorAll("#wb-desk *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (node.closest("svg, option, :disabled")) continue;
    let behind = node, ground = [0, 0, 0, 0];
    while (behind && (ground.length > 3 && ground[3] === 0)) {
      ground = channels(getComputedStyle(behind).backgroundColor);
      behind = behind.parentElement;
    }
    const style = getComputedStyle(node);
    if (parseFloat(style.fontSize) === 0) continue;
    const [a, b] = [light(channels(style.color)), light(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) {
      found.push(`${node.className} ${ratio.toFixed(2)} ${node.textContent.slice(0, 30)}`);
    }
  }
  return found;
}
