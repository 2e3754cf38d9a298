package show

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const markRadius = vg.Length(4.5)

// drawMark draws the symbol of a kind: white with a dark rim, so that it is
// seen on every colour.
func drawMark(c *draw.Canvas, kind string, at vg.Point) {
	shape := markShape(kind, at)
	c.SetColor(markColor(kind))
	c.Fill(shape)
	c.SetLineStyle(draw.LineStyle{Color: ink, Width: 1})
	c.Stroke(shape)
}

func markColor(kind string) color.NRGBA {
	switch kind {
	case Minimiser:
		return hex(0xffffff)
	case Saddle:
		return hex(0xff8c42)
	case Maximiser:
		return hex(0xf3a6d0)
	}
	return hex(0xb8c4cc)
}

// markShape is a disc for a minimiser, a cross-like star for a saddle, a
// triangle for a maximiser, a square for anything else.
func markShape(kind string, at vg.Point) vg.Path {
	var p vg.Path
	r := markRadius
	switch kind {
	case Minimiser:
		p.Move(vg.Point{X: at.X + r, Y: at.Y})
		p.Arc(at, r, 0, 2*math.Pi)
		p.Close()
		return p
	case Saddle:
		return polygon(at, [][2]vg.Length{{0, 1.4 * r}, {1.2 * r, 0}, {0, -1.4 * r}, {-1.2 * r, 0}})
	case Maximiser:
		return polygon(at, [][2]vg.Length{{0, 1.2 * r}, {1.1 * r, -0.8 * r}, {-1.1 * r, -0.8 * r}})
	}
	return polygon(at, [][2]vg.Length{{r, r}, {r, -r}, {-r, -r}, {-r, r}})
}

func polygon(at vg.Point, corners [][2]vg.Length) vg.Path {
	var p vg.Path
	for i, c := range corners {
		q := vg.Point{X: at.X + c[0], Y: at.Y + c[1]}
		if i == 0 {
			p.Move(q)
		} else {
			p.Line(q)
		}
	}
	p.Close()
	return p
}

// markSample is a mark in the legend.
type markSample string

// Thumbnail implements plot.Thumbnailer.
func (m markSample) Thumbnail(c *draw.Canvas) { drawMark(c, string(m), c.Center()) }

// saddleLine is the line of a saddle's level in the legend.
type saddleLine struct{}

// Thumbnail implements plot.Thumbnailer.
func (saddleLine) Thumbnail(c *draw.Canvas) {
	c.StrokeLine2(draw.LineStyle{Color: ink, Width: 1.1}, c.Min.X, c.Center().Y, c.Max.X, c.Center().Y)
}

// markEntries names every kind once.
func markEntries(marks []markPoint) []entry {
	var out []entry
	seen := map[string]bool{}
	for _, m := range marks {
		if !seen[m.Kind] {
			seen[m.Kind] = true
			out = append(out, entry{m.Kind, -2, markSample(m.Kind)})
		}
	}
	if seen[Saddle] {
		out = append(out, entry{"level of the saddle", -3, saddleLine{}})
	}
	return out
}
