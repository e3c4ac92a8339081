// Run in a page of mails, each in a frame: how wide they are, how readable, and how large their pictures.

function channel(value) {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function luminance([red, green, blue]) {
  return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
}

function colour(text) {
  const [red, green, blue, alpha = 1] = text.match(/[\d.]+/g).map(Number);
  return { rgb: [red, green, blue], alpha };
}

function background(element, view, canvas) {
  for (let at = element; at; at = at.parentElement) {
    const found = colour(view.getComputedStyle(at).backgroundColor);
    if (found.alpha === 1) return found.rgb;
  }
  return canvas;
}

function contrasts(frame, canvas) {
  const view = frame.contentWindow;
  const words = frame.contentDocument.createTreeWalker(frame.contentDocument.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (words.nextNode()) {
    const element = words.currentNode.parentElement;
    const text = words.currentNode.textContent.trim();
    if (!text || element.getClientRects().length === 0 || element.closest("style, script")) continue;
    const front = luminance(colour(view.getComputedStyle(element).color).rgb);
    const back = luminance(background(element, view, canvas));
    found.push([(Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05), text.slice(0, 40)]);
  }
  return found.sort((one, other) => one[0] - other[0]);
}

function measure(frame) {
  const page = frame.contentDocument;
  const dark = frame.contentWindow.matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    dark,
    width: frame.contentWindow.innerWidth,
    scrolls: page.documentElement.scrollWidth,
    contrast: contrasts(frame, dark ? [18, 18, 18] : [255, 255, 255])[0],
    pictures: [...page.images].map((one) => [one.naturalWidth, one.width, one.height, one.alt]),
    text: (() => {
      const element = page.querySelector("p");
      return element ? element.getBoundingClientRect().width : 0;
    })(),
    cells: [...page.querySelectorAll(".content td, .content th")].map((one) => {
      const style = frame.contentWindow.getComputedStyle(one);
      return [parseFloat(style.paddingTop), style.borderBottomWidth];
    }),
  };
}

window.addEventListener("load", () => {
  const found = {};
  for (const frame of document.querySelectorAll("iframe")) found[frame.name] = measure(frame);
  const result = document.createElement("pre");
  result.id = "measured";
  result.textContent = JSON.stringify(found);
  document.body.append(result);
});
