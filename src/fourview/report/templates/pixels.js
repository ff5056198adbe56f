"use strict";
// Numbers out of the page's PNGs, and numbers into grey values and colours.

const COLOURS = { malignant: [255, 48, 48], benign: [40, 220, 90] };

function blank(rows, columns) {
  const canvas = document.createElement("canvas");
  canvas.height = rows;
  canvas.width = columns;
  return canvas;
}

// Begins to decode a carried array. The window's load event waits for it.
function decodeSoon(carried) {
  carried.decoded = new Image();
  carried.decoded.src = carried.png;
}

// The 16-bit values of a decoded array: high byte in red, low byte in green.
function numbersOf(carried) {
  const image = carried.decoded;
  if (!image.naturalWidth) throw new Error("an image on this page is damaged");
  const rows = image.naturalHeight, columns = image.naturalWidth;
  const pen = blank(rows, columns).getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  const bytes = pen.getImageData(0, 0, columns, rows).data;
  const values = new Uint16Array(rows * columns);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    values[i] = bytes[4 * i] << 8 | bytes[4 * i + 1];
    sum += values[i];
  }
  const { factor, padded, peak } = carried;
  return { rows, columns, values, factor, padded, peak, exact: sum === carried.sum, canvas: blank(rows, columns) };
}

// What every 16-bit value looks like: DICOM's LINEAR_EXACT window (PS3.3 C.11.2.1.3.2), 0 to 255.
function greyTable(level, width, inverted) {
  const table = new Uint32Array(65536);
  const slope = 255 / width, first = 127.5 - level * slope + 0.5;
  for (let value = 0; value < table.length; value++) {
    let grey = Math.floor(Math.min(255.5, Math.max(0.5, value * slope + first)));
    if (inverted) grey = 255 - grey;
    table[value] = 0xff000000 | grey << 16 | grey << 8 | grey;
  }
  return table;
}

function paintGrey(numbers, table) {
  const pen = numbers.canvas.getContext("2d");
  const picture = pen.createImageData(numbers.columns, numbers.rows);
  const pixels = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[numbers.values[i]];
  pen.putImageData(picture, 0, 0);
}

// The finding's colour, its alpha in proportion to the value: opaque at `high`.
function paintHeat(numbers, colour, high) {
  const pen = numbers.canvas.getContext("2d");
  const picture = pen.createImageData(numbers.columns, numbers.rows);
  const [red, green, blue] = colour, bytes = picture.data;
  for (let i = 0; i < numbers.values.length; i++) {
    bytes[4 * i] = red;
    bytes[4 * i + 1] = green;
    bytes[4 * i + 2] = blue;
    bytes[4 * i + 3] = Math.min(255, Math.round(255 * numbers.values[i] / high));
  }
  pen.putImageData(picture, 0, 0);
}

// The value whose block holds a source pixel.
function valueAt(numbers, row, column) {
  const i = Math.floor((row + numbers.padded[0]) / numbers.factor);
  const j = Math.floor((column + numbers.padded[1]) / numbers.factor);
  return numbers.values[i * numbers.columns + j];
}
