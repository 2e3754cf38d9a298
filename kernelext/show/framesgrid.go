package show

import (
	"image"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// frameGrid draws frames in rows and columns, with a name above each column, a
// label at the left of each row, and a scale below columns of signed values.
type frameGrid struct {
	columns []*frameColumn
	labels  []string
	aspect  float64 // height of a frame over its width
}

const (
	frameWidth = vg.Length(720) // of the figure in a notebook, at most: 960 pixels
	mostTile   = vg.Length(300) // side of a frame, at most: 400 pixels
	tileGap    = vg.Length(6)
	signStrip  = vg.Length(6) // height of the scale of signed values
)

// side is the width that the labels of the rows take.
func (g *frameGrid) side() vg.Length {
	if !anyText(g.labels) {
		return 0
	}
	return textStyle(labelSize).Height("frame") + 4
}

// head is the height that the names of the columns take.
func (g *frameGrid) head() vg.Length {
	for _, c := range g.columns {
		if c.Name != "" {
			return textStyle(labelSize).Height(c.Name) + 4
		}
	}
	return 0
}

// foot is the height that the scales take.
func (g *frameGrid) foot() vg.Length {
	for _, c := range g.columns {
		if c.Signed {
			return 5 + signStrip + 2 + textStyle(tickSize).Height("0")
		}
	}
	return 0
}

func anyText(all []string) bool {
	for _, s := range all {
		if s != "" {
			return true
		}
	}
	return false
}

// tile is the size of a frame where the grid is w wide.
func (g *frameGrid) tile(w vg.Length) vg.Point {
	n := vg.Length(len(g.columns))
	wide := min((w-g.side()-(n-1)*tileGap)/n, mostTile, mostTile/vg.Length(g.aspect))
	return vg.Point{X: wide, Y: wide * vg.Length(g.aspect)}
}

// height is that of the grid where it is w wide.
func (g *frameGrid) height(w vg.Length) vg.Length {
	rows := vg.Length(len(g.labels))
	return g.head() + rows*g.tile(w).Y + (rows-1)*tileGap + g.foot()
}

// noteWidth is that of the figure in a notebook, in whole pixels: the frames'
// own, not less than that of a figure of one panel, for the title and the legend.
func (g *frameGrid) noteWidth() vg.Length {
	n := vg.Length(len(g.columns))
	w := g.side() + n*g.tile(frameWidth-2*margin).X + (n-1)*tileGap + 2*margin
	const pixel = vg.Inch / 96
	return max(pixel*vg.Length(math.Round(float64(w/pixel))), oneNote)
}

// Plot implements plot.Plotter.
func (g *frameGrid) Plot(c draw.Canvas, _ *plot.Plot) {
	tile := g.tile(c.Size().X)
	if over := g.height(c.Size().X) - c.Size().Y; over > 0 { // beside panels that are lower
		tile.Y -= over / vg.Length(len(g.labels))
		tile.X = tile.Y / vg.Length(g.aspect)
	}
	n := vg.Length(len(g.columns))
	left := c.Min.X + max((c.Size().X-g.side()-n*tile.X-(n-1)*tileGap)/2, 0)
	top := c.Max.Y - g.head()
	row := func(i int) vg.Length { return top - vg.Length(i)*(tile.Y+tileGap) } // its upper edge
	turned := textStyle(labelSize)
	turned.Rotation, turned.XAlign, turned.YAlign = math.Pi/2, draw.XCenter, draw.YTop
	for i, s := range g.labels {
		c.FillText(turned, vg.Point{X: left, Y: row(i) - tile.Y/2}, fit(turned, s, tile.Y))
	}
	name := textStyle(labelSize)
	name.XAlign, name.YAlign = draw.XCenter, draw.YTop
	for j, col := range g.columns {
		x := left + g.side() + vg.Length(j)*(tile.X+tileGap)
		c.FillText(name, vg.Point{X: x + tile.X/2, Y: c.Max.Y}, fit(name, col.Name, tile.X))
		for i, t := range col.tiles {
			at := vg.Point{X: x, Y: row(i) - tile.Y}
			area := vg.Rectangle{Min: at, Max: at.Add(tile)}
			c.DrawImage(area, t.image())
			c.SetLineStyle(draw.LineStyle{Color: frame, Width: 0.5})
			c.Stroke(area.Path())
		}
		if col.Signed {
			col.drawScale(c, vg.Point{X: x, Y: row(len(g.labels)-1) - tile.Y - 5}, tile.X)
		}
	}
}

// drawScale draws the scale of signed values below its column, from a top left
// corner: a strip with its ends and 0 labelled.
func (c *frameColumn) drawScale(dc draw.Canvas, at vg.Point, width vg.Length) {
	strip := vg.Rectangle{Min: vg.Point{X: at.X, Y: at.Y - signStrip}, Max: vg.Point{X: at.X + width, Y: at.Y}}
	const n = 241
	img := image.NewNRGBA(image.Rect(0, 0, n, 1))
	for i := range n {
		img.SetNRGBA(i, 0, c.colors.at(float64(i)/(n-1)))
	}
	dc.DrawImage(strip, img)
	dc.SetLineStyle(draw.LineStyle{Color: frame, Width: 0.5})
	dc.Stroke(strip.Path())
	style := textStyle(tickSize)
	label := shortLabel(c.hi, c.hi)
	texts := []string{minus("-" + label), "0", label}
	if 3*style.Width(texts[0]) > width {
		texts[1] = ""
	}
	for i, align := range []draw.XAlignment{draw.XLeft, draw.XCenter, draw.XRight} {
		style.XAlign = align
		dc.FillText(style, vg.Point{X: at.X + vg.Length(i)*width/2, Y: strip.Min.Y - 2}, texts[i])
	}
}

// fit cuts a text to a width.
func fit(style draw.TextStyle, s string, w vg.Length) string {
	for n := len([]rune(s)); n > 1 && style.Width(s) > w; n-- {
		s = shorten(s, n-1)
	}
	return s
}
