/**
 * What somebody needs who does not see the page, or not well: names, roles, headings, and contrast as it is computed. Functions
 * that run in the page, as text; each gives the list of what is wrong.
 */

/** Each thing that can be used has a name; references lead somewhere; ids are there once. */
export const NAMES = `(() => {
  const wrong = [];
  const tell = (element, what) => wrong.push(what + ': ' + element.outerHTML.slice(0, 120));
  const shown = (element) => element.getClientRects().length > 0;
  const nameOf = (element) => {
    const by = element.getAttribute('aria-labelledby');
    if (by !== null) return document.getElementById(by)?.textContent.trim() ?? '';
    const own = element.getAttribute('aria-label') ?? '';
    if (own !== '') return own;
    const label = element.labels?.[0]?.textContent.trim();
    return label ?? element.textContent.trim();
  };
  for (const element of document.querySelectorAll('button, a, input, [role=img], [role=group], section, dialog, table')) {
    if (shown(element) && nameOf(element) === '') tell(element, 'no name');
  }
  for (const name of ['aria-labelledby', 'aria-controls']) {
    for (const element of document.querySelectorAll('[' + name + ']')) {
      if (document.getElementById(element.getAttribute(name)) === null) tell(element, name + ' leads nowhere');
    }
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('twice: ' + id);
  let level = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
    if (!shown(heading)) continue;
    const own = Number(heading.tagName[1]);
    if (own > level + 1) tell(heading, 'a level is left out');
    level = own;
  }
  for (const row of document.querySelectorAll('tr')) {
    if (row.getAttribute('role') !== 'row') tell(row, 'no role');
    for (const cell of row.children) if (!cell.hasAttribute('role')) tell(cell, 'no role');
  }
  for (const graphic of document.querySelectorAll('svg')) {
    if (graphic.getAttribute('role') !== 'img' && graphic.getAttribute('aria-hidden') !== 'true') tell(graphic, 'neither named nor hidden');
  }
  if (document.documentElement.lang === '') wrong.push('no language');
  if (document.querySelectorAll('main').length !== 1) wrong.push('not one main');
  return wrong;
})()`;

/** Text that is harder to read than WCAG's AA allows: 4.5 to 1. */
export const CONTRAST = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const parse = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3])).concat(1);
  const ground = (element) => {
    if (element === null) return [255, 255, 255, 1];
    const own = parse(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };
  const light = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const wrong = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let looked = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === '' || element.getClientRects().length === 0) continue;
    if (element.closest('noscript, title')) continue;
    looked++;
    const style = getComputedStyle(element);
    const below = ground(element);
    const text = over(parse(element instanceof SVGElement ? style.fill : style.color), below);
    const [a, b] = [light(text), light(below)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) wrong.push(ratio.toFixed(2) + ' ' + element.outerHTML.slice(0, 100));
  }
  if (looked < 30) wrong.push('only ' + looked + ' texts');
  return wrong;
})()`;
