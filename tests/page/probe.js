// What a reader of the page sees, measured in the browser that shows it.
(() => {
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || parent.closest("script, style")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter(box => box.width > 0);
    if (boxes.length) texts.push({ text: node.data.trim(), parent, boxes });
  }

  const colour = text => text.match(/[\d.]+/g).map(Number);
  const luminance = rgb => {
    const [r, g, b] = rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (; element; element = element.parentElement) {
      const [r, g, b, opaque = 1] = colour(getComputedStyle(element).backgroundColor);
      if (opaque === 1) return luminance([r, g, b]);
    }
    return 1;
  };
  const contrast = element => {
    const ink = luminance(colour(getComputedStyle(element).color).slice(0, 3)), paper = behind(element);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  };

  const cross = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const overlaps = texts.flatMap((one, at) => texts.slice(at + 1)
    .filter(other => one.boxes.some(a => other.boxes.some(b => cross(a, b))))
    .map(other => `${one.text} | ${other.text}`));

  const middle = box => [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const marks = (chart, side, axis) => [...chart.querySelectorAll(`${side} span`)]
    .map(mark => ({ text: mark.textContent, at: middle(mark.getBoundingClientRect())[axis] }));
  const charts = [...document.querySelectorAll(".chart")].map(chart => {
    const curve = chart.querySelector("polyline"), place = curve.getScreenCTM();
    return {
      title: chart.getAttribute("aria-label"),
      up: marks(chart, ".up", 1),
      along: marks(chart, ".along", 0),
      points: [...curve.points].map(point => point.matrixTransform(place)).map(point => [point.x, point.y]),
    };
  });

  return {
    figures: [...document.querySelectorAll("[data-figure]")].map(figure => ({
      place: figure.dataset.figure, value: figure.dataset.value, text: figure.innerText,
    })),
    texts: texts.filter(({ parent }) => !parent.closest("[data-figure], .chart, pre")).map(({ text }) => text),
    faint: texts.filter(({ parent }) => contrast(parent) < 4.5).map(({ text }) => text),
    small: texts.filter(({ parent }) => parseFloat(getComputedStyle(parent).fontSize) < 12).map(({ text }) => text),
    outside: texts.filter(({ boxes }) => boxes.some(box => box.left < 0 || box.right > innerWidth)).map(({ text }) => text),
    overlaps,
    charts,
    paper: behind(document.body),
    width: innerWidth,
    content: document.documentElement.scrollWidth,
  };
})()
