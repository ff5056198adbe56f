// Buttons, sliders, keys and paper: each changes `look` or calls `act`, and asks for a new drawing.

function choose(name, value) {
  const input = document.querySelector(`input[name="${name}"][value="${value}"]`);
  if (input.disabled) return;
  input.checked = true;
  if (name === "finding") look.finding = value;
  else stage.classList.toggle("panning", value === "pan");
  redraw();
}

function tick(id, name, then = redraw) {
  byId(id).addEventListener("change", () => { look[name] = byId(id).checked; then(); });
  look[name] = byId(id).checked; // a browser may remember what was ticked
}

function slide(id, name, share = 1) {
  byId(id).addEventListener("input", () => { look[name] = byId(id).value * share; redraw(); });
}

function setUpControls() {
  Object.assign(byId("level"), { min: 0, max: data.top, step: 1, value: data.level });
  Object.assign(byId("width"), { min: 1, max: Math.max(2, Math.ceil(data.top * 1.5)), step: 1, value: data.width });
  look.opacity = byId("opacity").value / 100;
  slide("opacity", "opacity", 0.01);
  slide("level", "level");
  slide("width", "width");
  const whenFitted = () => { act.fit(); layOut(); measure(); };
  tick("to-highest", "toHighest");
  tick("marks", "marks");
  tick("invert", "inverted");
  tick("outline", "outline");
  tick("to-breast", "toBreast", whenFitted);
  const crops = views.some((view) => view.crop);
  for (const id of ["outline", "to-breast"]) byId(id).disabled = !crops;
  for (const input of document.querySelectorAll("input[type=radio]")) {
    if (input.value in COLOURS) input.disabled = !views.some((view) => input.value in view.heatmaps);
    input.addEventListener("change", () => choose(input.name, input.value));
  }
  choose("drag", "window");
  byId("grey-reset").addEventListener("click", resetGrey);
  byId("zoom-in").addEventListener("click", () => zoomBy(1.25));
  byId("zoom-out").addEventListener("click", () => zoomBy(0.8));
  byId("zoom-reset").addEventListener("click", act.fit);
}

function resetGrey() {
  byId("invert").checked = false;
  Object.assign(look, { level: data.level, width: data.width, inverted: false });
  redraw();
}

function setUpKeys() {
  const step = () => stage.clientHeight * devicePixelRatio / 20;
  const press = (id) => () => byId(id).click();
  listenToKeys(stage, {
    m: () => choose("finding", "malignant"), b: () => choose("finding", "benign"), o: () => choose("finding", "off"),
    k: press("marks"), i: press("invert"), r: resetGrey, 0: act.fit,
    p: () => choose("drag", act.dragPans() ? "window" : "pan"),
    "+": () => zoomBy(1.25), "=": () => zoomBy(1.25), "-": () => zoomBy(0.8),
    ArrowUp: () => act.pan(0, -step()), ArrowDown: () => act.pan(0, step()),
    ArrowLeft: () => act.pan(sideways(-step()), 0), ArrowRight: () => act.pan(sideways(step()), 0),
  });
}

// An arrow moves the focused view to its side of the screen; the other breast mirrors it.
function sideways(distance) {
  const name = document.activeElement.closest("[data-view]")?.dataset.view ?? "";
  return name.startsWith("R") ? -distance : distance;
}

function setUpPrinting() {
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
}
