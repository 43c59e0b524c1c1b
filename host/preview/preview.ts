/** The before-and-after picture: a raw frame on the left, what left the robot on the right. */
import { Canvas, type Rect, type Rgb, TEXT_ADVANCE } from "./canvas.ts";
import { drawCloud, fitScale, type Projection, type View } from "./cloud-view.ts";
import { BACKGROUND, CROPPED, EDGE, PANEL, TEXT, TITLE } from "./colour.ts";
import { type Bounds, bounds } from "./scene.ts";

/** One half of the picture. */
export interface Side {
  readonly title: string;
  /** x y z in metres. */
  readonly points: Float32Array;
  /** Edge of what a point stands for, 0 for a mere point. */
  readonly sizeM: number;
  /** Points that the policy cropped, drawn in red, and those that it did not. */
  readonly cropped?: Float32Array;
  readonly kept?: Float32Array;
  /** Lines below the views; the first stands out. */
  readonly captions: readonly string[];
  /** One more line, in the colour of the cropped points. */
  readonly croppedCaption?: string;
}

export interface PreviewOptions {
  readonly before: Side;
  readonly after: Side;
  /** False if the two sides have different coordinates: then each is centred on its own middle. */
  readonly sameFrame: boolean;
}

const WIDTH = 1600;
const HEIGHT = 1000;
const MARGIN = 20;
const TITLE_HEIGHT = 46;
const CAPTION_GAP = 14;
const CAPTION_LINE = 24;
const SIDE_HEIGHT_MAX = 240;
const SIDE_HEIGHT_MIN = 96;
/** Share of the points whose extent fills the picture: few far ones must not shrink the scene. */
const EXTENT_SHARE = 0.98;
const HEIGHT_SHARE = 0.96;

const COLUMN = (WIDTH - 3 * MARGIN) / 2;

/** Draws both sides as top and side views at one scale; returns the bytes of a PNG. */
export function drawPreview({ before, after, sameFrame }: PreviewOptions): Buffer {
  const canvas = new Canvas(WIDTH, HEIGHT, BACKGROUND);
  const layout = arrange(
    bounds(before.points, EXTENT_SHARE),
    Math.max(...[before, after].map((side) => captionsOf(side).length)),
  );
  for (const [i, side] of [before, after].entries()) {
    const measured = sameFrame ? before.points : side.points;
    const heights = bounds(measured, HEIGHT_SHARE);
    const look: Look = {
      extent: bounds(measured, EXTENT_SHARE),
      heights: [heights.min[2], heights.max[2]],
    };
    drawSide(canvas, MARGIN + i * (COLUMN + MARGIN), side, look, layout);
  }
  return canvas.png();
}

function captionsOf({ captions, croppedCaption }: Side): (readonly [string, Rgb])[] {
  return [
    ...captions.map((line, i) => [line, i === 0 ? TITLE : TEXT] as const),
    ...(croppedCaption === undefined ? [] : [[croppedCaption, CROPPED] as const]),
  ];
}

/** What a side looks at, and which heights get the lowest and the highest colour. */
interface Look {
  readonly extent: Bounds;
  readonly heights: readonly [number, number];
}

interface Layout {
  readonly pixelsPerMetre: number;
  readonly top: Projection;
  readonly side: Projection;
  readonly topHeight: number;
  readonly sideHeight: number;
}

/** The long axis of the scene lies across; the side view gets the height that it needs. */
function arrange(extent: Bounds, captionLines: number): Layout {
  const captions = CAPTION_GAP + captionLines * CAPTION_LINE;
  const panels = HEIGHT - 2 * MARGIN - TITLE_HEIGHT - captions;
  const isLongInY = extent.max[1] - extent.min[1] > extent.max[0] - extent.min[0];
  const top: Projection = isLongInY
    ? { right: [1, -1], up: [0, 1] }
    : { right: [0, 1], up: [1, 1] };
  const side: Projection = { right: top.right, up: [2, 1] };
  const room = (height: number): Rect => ({ x: 0, y: 0, width: COLUMN, height });
  const scale = fitScale(room(panels - MARGIN / 2 - SIDE_HEIGHT_MIN), top, extent);
  const needed = 1.25 * (extent.max[2] - extent.min[2]) * scale;
  const sideHeight = Math.round(Math.min(SIDE_HEIGHT_MAX, Math.max(SIDE_HEIGHT_MIN, needed)));
  const topHeight = panels - MARGIN / 2 - sideHeight;
  const pixelsPerMetre = Math.min(
    fitScale(room(topHeight), top, extent),
    fitScale(room(sideHeight), side, extent),
  );
  return { pixelsPerMetre, top, side, topHeight, sideHeight };
}

function drawSide(canvas: Canvas, x: number, side: Side, look: Look, layout: Layout): void {
  canvas.text(x, MARGIN + 4, side.title, TITLE);
  const y = MARGIN + TITLE_HEIGHT;
  const { topHeight } = layout;
  const { min, max } = look.extent;
  const centre = [0, 1, 2].map((i) => (min[i]! + max[i]!) / 2);
  const shared = {
    centre: centre as [number, number, number],
    pixelsPerMetre: layout.pixelsPerMetre,
    heights: look.heights,
  };
  const topPanel = { x, y, width: COLUMN, height: topHeight };
  const sidePanel = {
    x,
    y: y + topHeight + MARGIN / 2,
    width: COLUMN,
    height: layout.sideHeight,
  };
  drawPanel(canvas, { ...shared, panel: topPanel, projection: layout.top }, side, "from above");
  drawPanel(
    canvas,
    { ...shared, panel: sidePanel, projection: layout.side },
    side,
    "from the side",
  );
  drawScaleBar(canvas, topPanel, layout.pixelsPerMetre);
  const captionsAt = sidePanel.y + sidePanel.height + CAPTION_GAP;
  for (const [i, [line, colour]] of captionsOf(side).entries()) {
    const most = Math.floor(COLUMN / TEXT_ADVANCE);
    canvas.text(x, captionsAt + i * CAPTION_LINE, line.slice(0, most), colour);
  }
}

function drawPanel(canvas: Canvas, view: View, side: Side, label: string): void {
  canvas.fill(view.panel, PANEL);
  drawCloud(canvas, view, side.kept ?? side.points, side.sizeM);
  // On top: whatever else a place holds, it is to be seen that something of it stays at home.
  if (side.cropped) drawCloud(canvas, view, side.cropped, side.sizeM, CROPPED);
  canvas.frame(view.panel, EDGE);
  drawLabel(canvas, view.panel.x + 10, view.panel.y + 8, label);
}

/** Text on a ground of its own, so that points behind it do not blot it out. */
function drawLabel(canvas: Canvas, x: number, y: number, label: string): void {
  const width = label.length * TEXT_ADVANCE + 6;
  canvas.fill({ x: x - 4, y: y - 3, width, height: 22 }, PANEL);
  canvas.text(x, y, label, TEXT);
}

/** The round length (1, 2 or 5 times a power of ten) nearest below a fifth of the panel. */
export function scaleBarMetres(panelWidth: number, pixelsPerMetre: number): number {
  const most = panelWidth / 5 / pixelsPerMetre;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([5, 2, 1].find((factor) => factor * power <= most) ?? 1) * power;
}

function drawScaleBar(canvas: Canvas, panel: Rect, pixelsPerMetre: number): void {
  const metres = scaleBarMetres(panel.width, pixelsPerMetre);
  const width = Math.round(metres * pixelsPerMetre);
  const x = panel.x + panel.width - width - 14;
  const y = panel.y + panel.height - 16;
  const label = `${Number(metres.toPrecision(1))} m`;
  const plate = { x: x - 8, y: y - 32, width: width + 16, height: 42 };
  canvas.fill(plate, PANEL);
  canvas.fill({ x, y, width, height: 3 }, TITLE);
  canvas.fill({ x, y: y - 5, width: 2, height: 8 }, TITLE);
  canvas.fill({ x: x + width - 2, y: y - 5, width: 2, height: 8 }, TITLE);
  canvas.text(x + Math.round((width - label.length * TEXT_ADVANCE) / 2), y - 26, label, TITLE);
}
