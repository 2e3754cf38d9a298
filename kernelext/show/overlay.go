package show

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// overlay draws a curve over a map, within the map's axes, with a white seam
// that sets it off from every colour.
type overlay struct{ c *curve }

const (
	overlayWidth = vg.Length(1.7)
	seam         = vg.Length(1.3) // at each side of the curve
)

// newOverlays makes the curves over a map ready to be drawn, in the map's
// coordinates.
func newOverlays(series []Series) []overlay {
	var out []overlay
	for i, s := range series {
		c := newCurve(s, i, len(series), false, false)
		c.line.Width = overlayWidth
		out = append(out, overlay{c})
	}
	return out
}

// Plot implements plot.Plotter.
func (o overlay) Plot(dc draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&dc)
	room := o.c.glyph.Radius + seam
	inner := draw.Crop(dc, room, -room, room, -room) // where a glyph fits
	var lines [][]vg.Point
	var points []vg.Point
	for _, piece := range o.c.pieces {
		line := make([]vg.Point, len(piece))
		for i, q := range piece {
			line[i] = vg.Point{X: x(q.X), Y: y(q.Y)}
			if inner.ContainsX(line[i].X) && inner.ContainsY(line[i].Y) {
				points = append(points, line[i])
			}
		}
		if len(line) > 1 {
			lines = append(lines, dc.ClipLinesXY(straighten(line))...)
		}
	}
	dc.StrokeLines(draw.LineStyle{Color: color.White, Width: o.c.line.Width + 2*seam}, lines...)
	dc.StrokeLines(o.c.line, lines...)
	ground := draw.GlyphStyle{Color: color.White, Radius: room, Shape: draw.CircleGlyph{}}
	for _, at := range o.c.places(points, dc.Min.X, dc.Max.X) {
		dc.DrawGlyph(ground, at)
		dc.DrawGlyph(o.c.glyph, at)
	}
}
