// Mouse, pen, finger and keyboard on the images. `act` holds what they can do.

function listen(view, act) {
  const canvas = view.canvas;
  const ratio = () => canvas.width / canvas.clientWidth;
  let last = null;

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    last = { x: event.clientX, y: event.clientY, pans: event.button === 1 || event.shiftKey || act.dragPans() };
    canvas.setPointerCapture(event.pointerId);
    if (event.button === 1) event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) {
      act.point(view, event.offsetX * ratio(), event.offsetY * ratio());
      return;
    }
    const right = event.clientX - last.x, down = event.clientY - last.y;
    if (last.pans) act.pan(view.outward === "left" ? right * ratio() : -right * ratio(), -down * ratio());
    else act.window(right, down);
    last.x = event.clientX;
    last.y = event.clientY;
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { last = null; });
  canvas.addEventListener("pointerleave", () => act.leave());
  canvas.addEventListener("dblclick", () => act.fit());
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : 1;
    act.zoom(Math.exp(-event.deltaY * lines * 0.0015), view, event.offsetX * ratio(), event.offsetY * ratio());
  }, { passive: false });
}

// Single keys work on the images and on the bare page, never inside a control.
function listenToKeys(stage, keys) {
  document.addEventListener("keydown", (event) => {
    const on = document.activeElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (on && on !== document.body && !stage.contains(on)) return;
    if (event.key.startsWith("Arrow") && !stage.contains(on)) return;
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
