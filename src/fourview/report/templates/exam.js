// The page: what is looked at and how (`look`), drawn anew whenever it changes.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const stage = byId("stage");
const views = [];
const look = {
  finding: "off", opacity: 0.6, toHighest: false, marks: false,
  level: data.level, width: data.width, inverted: false,
  zoom: 1, out: 0, down: 0, toBreast: false, outline: false,
};
const MOST_ZOOM = 16;
let fit = 1, painted = {}, waiting = false;

function highest() {
  const values = views.map((view) => view.heatmaps[look.finding]?.peak?.value ?? 0);
  return look.toHighest ? Math.max(...values) || 1 : 1;
}

function paint() {
  const grey = [look.level, look.width, look.inverted].join();
  if (grey !== painted.grey) {
    const table = greyTable(look.level, look.width, look.inverted);
    views.forEach((view) => paintGrey(view.image, table));
  }
  const heat = [look.finding, highest()].join();
  if (heat !== painted.heat && look.finding !== "off") {
    for (const view of views) {
      const map = view.heatmaps[look.finding];
      if (map) paintHeat(map, COLOURS[look.finding], highest() * data.full);
    }
  }
  painted = { grey, heat };
}

function drawNumbers(pen, view, numbers) {
  const f = numbers.factor;
  pen.drawImage(numbers.canvas, numbers.padded[1] / f, numbers.padded[0] / f, view.columns / f, view.rows / f,
    0, 0, view.columns, view.rows);
}

function drawView(view) {
  const pen = view.canvas.getContext("2d"), place = placed(view, fit * look.zoom, look);
  view.place = place;
  Object.assign(view.canvas.dataset, { scale: place.scale, left: place.left, top: place.top });
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.fillStyle = look.inverted ? "#fff" : "#000";
  pen.fillRect(0, 0, view.canvas.width, view.canvas.height);
  const turn = view.mirrored ? -1 : 1;
  pen.setTransform(turn * place.scale, 0, 0, place.scale, place.left + (view.mirrored ? view.columns * place.scale : 0), place.top);
  pen.imageSmoothingQuality = "high";
  drawNumbers(pen, view, view.image);
  const map = view.heatmaps[look.finding];
  if (map) {
    pen.globalAlpha = look.opacity;
    drawNumbers(pen, view, map);
    pen.globalAlpha = 1;
  }
  if (look.outline && view.crop) {
    const [top, bottom, left, right] = view.crop;
    pen.lineWidth = 1.5 * devicePixelRatio / place.scale;
    pen.strokeStyle = "#8ab8ff";
    pen.strokeRect(left, top, right - left, bottom - top);
  }
  pen.setTransform(1, 0, 0, 1, 0, 0);
  if (look.marks && map?.peak) drawMark(pen, view, map.peak);
}

function drawMark(pen, view, peak) {
  const [x, y] = onCanvas(view, view.place, peak.row, peak.column);
  const unit = parseFloat(getComputedStyle(stage).fontSize) * devicePixelRatio / 14;
  const text = `${peak.value.toFixed(3)}  row ${peak.row}, column ${peak.column}`;
  const strokes = [["#000", 4 * unit], ["#fff", 1.5 * unit]];
  for (const [colour, width] of strokes) {
    pen.beginPath();
    pen.arc(x, y, 9 * unit, 0, 2 * Math.PI);
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke();
  }
  pen.font = `${12 * unit}px system-ui, sans-serif`;
  const length = pen.measureText(text).width, away = 15 * unit, end = view.canvas.width - 4 * unit;
  const beside = { left: x - away - length, right: x + away };
  const fits = (at) => at > 4 * unit && at + length < end;
  const inward = view.outward === "left" ? "right" : "left";
  const side = [view.outward, inward].find((one) => fits(beside[one])); // outward of the breast is air
  const at = side ? beside[side] : Math.max(4 * unit, Math.min(end - length, x - length / 2));
  const below = side ? 4 * unit : 26 * unit;
  pen.lineJoin = "round";
  pen.strokeStyle = "#000";
  pen.lineWidth = 4 * unit;
  pen.strokeText(text, at, y + below);
  pen.fillStyle = "#fff";
  pen.fillText(text, at, y + below);
}

function draw() {
  waiting = false;
  paint();
  views.forEach(drawView);
  sayWhatIsShown();
}

function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(draw);
}

function sayWhatIsShown() {
  byId("level").value = look.level;
  byId("width").value = look.width;
  byId("level-now").textContent = String(Math.round(look.level));
  byId("width-now").textContent = String(Math.round(look.width));
  byId("zoom-now").textContent = `${look.zoom.toFixed(look.zoom < 10 ? 1 : 0)}×`;
  byId("ramp").classList.toggle("off", look.finding === "off");
  if (look.finding === "off") return;
  const high = highest();
  byId("ramp-name").textContent = look.finding;
  byId("ramp-bar").className = look.finding;
  byId("ramp-bar").style.opacity = look.opacity;
  byId("ramp-high").textContent = look.toHighest ? high.toFixed(3) : "1";
  byId("ramp-note").textContent = look.toHighest ? "exam's highest" : "absolute";
}

// Rows as high as their highest image, so that the common scale is as large as it can be.
function layOut() {
  if (!views.length) return;
  const heights = ["CC", "MLO"].map((position) => Math.max(0, ...views
    .filter((view) => view.name.endsWith(position))
    .map((view) => { const box = fittedBox(view, look.toBreast); return box.bottom - box.top; })));
  stage.style.gridTemplateRows = heights.map((height) => height ? `minmax(0, ${height}fr)` : "6rem").join(" ");
}

function measure() {
  for (const view of views) {
    const [width, height] = view.device
      ?? [view.canvas.clientWidth, view.canvas.clientHeight].map((length) => length * devicePixelRatio);
    view.canvas.width = Math.max(1, Math.round(width));
    view.canvas.height = Math.max(1, Math.round(height));
  }
  fit = views.length ? commonScale(views, look.toBreast) : 1;
  draw(); // at once: a canvas that was given a size is empty
}

// Canvases have the screen's own pixels where the browser tells how many: nothing is resampled.
function watchSizes() {
  const observer = new ResizeObserver((entries) => {
    for (const { target, devicePixelContentBoxSize: [box] = [] } of entries) {
      const view = views.find(({ canvas }) => canvas === target);
      view.device = box ? [box.inlineSize, box.blockSize] : null;
    }
    measure();
    document.documentElement.dataset.ready = "yes";
  });
  for (const { canvas } of views) {
    try {
      observer.observe(canvas, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(canvas);
    }
  }
}

function keepInSight() {
  const boxes = views.map((view) => fittedBox(view, look.toBreast));
  const part = 1 - 1 / look.zoom;
  const across = Math.max(1, ...boxes.map((box) => box.right - box.left)) * part;
  const high = Math.max(1, ...boxes.map((box) => box.bottom - box.top)) / 2 * part;
  look.out = Math.min(across, Math.max(0, look.out));
  look.down = Math.min(high, Math.max(-high, look.down));
}

function zoomBy(times, view, x, y) {
  const zoom = Math.min(MOST_ZOOM, Math.max(1, look.zoom * times));
  const before = fit * look.zoom, after = fit * zoom;
  if (view) Object.assign(look, zoomedAbout(view, look, before, after, x, y));
  else look.out += anchor(before, after) * (1 / before - 1 / after);
  look.zoom = zoom;
  keepInSight();
  redraw();
}

// What a zoom without a pointer keeps in place, from the chest wall outward: that wall itself while
// all of the breast fits, else the middle of what is seen.
function anchor(before, after) {
  const width = views[0]?.canvas.width ?? 0;
  const widest = Math.max(0, ...views.map((view) => { const box = fittedBox(view, look.toBreast); return box.right - box.left; }));
  const beyond = widest - look.out;
  return beyond * after <= width ? 0 : Math.min(width, beyond * before) / 2;
}

const act = {
  dragPans: () => stage.classList.contains("panning"),
  zoom: zoomBy,
  pan(out, down) {
    look.out += out / (fit * look.zoom);
    look.down += down / (fit * look.zoom);
    keepInSight();
    redraw();
  },
  window(right, down) {
    look.width = Math.min(Number(byId("width").max), Math.max(1, look.width + right * data.top / 600));
    look.level = Math.min(data.top, Math.max(0, look.level + down * data.top / 600));
    redraw();
  },
  fit() {
    Object.assign(look, { zoom: 1, out: 0, down: 0 });
    redraw();
  },
  point(view, x, y) {
    const at = underPoint(view, view.place, x, y);
    const said = at ? [`${view.name} row ${at[0]}, column ${at[1]}`, `grey ${valueAt(view.image, ...at)}`] : [];
    if (at) for (const [finding, map] of Object.entries(view.heatmaps)) said.push(`${finding} ${(valueAt(map, ...at) / data.full).toFixed(3)}`);
    byId("readout").textContent = said.join("\n");
  },
  leave() { byId("readout").textContent = ""; },
};

function start() {
  for (const [name, said] of Object.entries(data.views)) {
    const view = { ...said, name, canvas: stage.querySelector(`[data-view="${name}"] canvas`), heatmaps: {} };
    view.image = numbersOf(said.image);
    for (const [finding, map] of Object.entries(said.heatmaps)) view.heatmaps[finding] = numbersOf(map);
    views.push(view);
  }
  const maps = views.flatMap((view) => [view.image, ...Object.values(view.heatmaps)]);
  if (maps.some((numbers) => !numbers.exact)) {
    byId("trouble").textContent = "This browser alters what pages read from images (a protection against fingerprinting): grey values and heatmaps shown here are not exact. Allow it for this page, or use another browser.";
  }
  setUpControls();
  setUpKeys();
  setUpPrinting();
  views.forEach((view) => listen(view, act));
  choose("finding", "malignant");
  layOut();
  watchSizes();
  if (!views.length) document.documentElement.dataset.ready = "yes";
}

// Everything is drawn when the page has loaded, so that whoever waits for that (a printer, a
// screenshot) gets the images too.
for (const said of Object.values(data.views)) [said.image, ...Object.values(said.heatmaps)].forEach(decodeSoon);
window.addEventListener("load", () => {
  try {
    start();
  } catch (error) {
    byId("trouble").textContent = `The images could not be shown: ${error.message}`;
  }
});
