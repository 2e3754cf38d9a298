package show

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	margin        = vg.Length(9)   // around a figure
	gap           = vg.Length(16)  // between panels
	narrow        = vg.Length(320) // narrower figures stack their panels
	defaultAspect = 0.68
)

// layout says where the parts of a figure are on a canvas of size w×h.
type layout struct {
	f          *Figure
	plots      []*plot.Plot // f.Plots without the labels that the layout draws
	w, h       vg.Length
	rows, cols int
	head       vg.Length // height of the heading
	title      vg.Length // height kept for the panels' titles, above every panel
	side       vg.Length // width kept for the labels of y axes, left of every panel
	bar        vg.Length // width kept for colour bars right of every panel
	legend     legend
	legendH    vg.Length // height kept for a legend below
	legendW    vg.Length // width kept for a legend to the right
}

func newLayout(f *Figure, w vg.Length) *layout {
	l := &layout{f: f, w: w, legend: f.legend()}
	l.rows, l.cols = arrange(len(f.Plots), w)
	if f.stacked {
		l.rows, l.cols = len(f.Plots), 1
	}
	if f.Title != "" {
		l.head = textStyle(titleSize).Height(f.Title) + 6
	}
	for i, p := range f.Plots {
		if b := f.panel(i).bar; b != nil {
			l.bar = max(l.bar, b.width())
		}
		l.side = max(l.side, sideLabel(p))
		if p.Title.Text != "" {
			l.title = max(l.title, p.Title.TextStyle.Height(p.Title.Text)+p.Title.Padding)
		}
		// The plot itself would centre the label at the mean value of the axis,
		// which on a logarithmic axis is near its end, and the title over labels.
		own := *p
		own.Y.Label.Text, own.Title.Text = "", ""
		l.plots = append(l.plots, &own)
	}
	if n := len(l.legend); n > 0 {
		right := l.legend.listWidth()
		if len(f.Plots) == 1 && w >= narrow && l.bar == 0 && right < 0.3*w && !f.panel(0).free {
			l.legendW = right + 12
		} else {
			l.legendH = l.legend.flowHeight(w-2*margin) + 8
		}
	}
	l.fitHeight()
	return l
}

// sideLabel is the width that the label of p's y axis takes.
func sideLabel(p *plot.Plot) vg.Length {
	if p.Y.Label.Text == "" {
		return 0
	}
	return p.Y.Label.TextStyle.Height(p.Y.Label.Text) + p.Y.Label.Padding
}

// arrange says how many rows and columns n panels take.
func arrange(n int, w vg.Length) (rows, cols int) {
	switch {
	case w < narrow:
		cols = 1
	case n <= 3:
		cols = n
	case n == 4:
		cols = 2
	default:
		cols = 3
	}
	return (n + cols - 1) / cols, cols
}

// fitHeight finds the height that gives every panel its aspect: what labels
// and titles take is measured on a canvas that is high enough for all.
func (l *layout) fitHeight() {
	l.h = l.w * vg.Length(l.rows)
	canvases := l.align(draw.NewCanvas(nil, l.w, l.h))
	perRow := make([]vg.Length, l.rows)
	for i, p := range l.plots {
		c := canvases[i/l.cols][i%l.cols]
		data := p.DataCanvas(c)
		perRow[i/l.cols] = max(perRow[i/l.cols], l.f.panel(i).dataHeight(data.Size().X))
	}
	// All rows get one height, as the tiles do.
	var high, extra vg.Length
	for _, h := range perRow {
		high = max(high, h)
	}
	for r := range canvases {
		var around vg.Length
		for i, p := range l.rowPlots(r) {
			c := canvases[r][i]
			data := p.DataCanvas(c)
			around = max(around, c.Size().Y-data.Size().Y)
		}
		extra += around
	}
	h := vg.Length(l.rows)*high + extra + vg.Length(l.rows-1)*gap + vg.Length(l.rows)*l.title + 2*margin + l.head + l.legendH
	l.h = vg.Length(math.Ceil(float64(h)))
}

// dataHeight is the height of a panel's data area at a width.
func (p panel) dataHeight(w vg.Length) vg.Length {
	switch {
	case p.height != nil:
		return p.height(w)
	case p.aspect != 0:
		return w * vg.Length(p.aspect)
	}
	return w * defaultAspect
}

func (l *layout) rowPlots(r int) []*plot.Plot {
	return l.plots[r*l.cols : min((r+1)*l.cols, len(l.plots))]
}

// align places the panels so that their axes line up.
func (l *layout) align(c draw.Canvas) [][]draw.Canvas {
	area := draw.Crop(c, margin, -margin-l.legendW, margin+l.legendH, -margin-l.head)
	grid := make([][]*plot.Plot, l.rows)
	for r := range grid {
		grid[r] = make([]*plot.Plot, l.cols)
		copy(grid[r], l.rowPlots(r))
	}
	tiles := draw.Tiles{
		Rows: l.rows, Cols: l.cols,
		PadX: gap + l.bar + l.side, PadLeft: l.side, PadRight: l.bar,
		PadY: gap + l.title, PadTop: l.title,
	}
	return plot.Align(grid, tiles, area)
}

// draw draws the figure on a canvas of the layout's size.
func (l *layout) draw(c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	if l.f.Title != "" {
		style := textStyle(titleSize)
		style.XAlign = draw.XCenter
		c.FillText(style, vg.Point{X: c.Center().X, Y: c.Max.Y - margin}, l.f.Title)
	}
	canvases := l.align(c)
	var first draw.Canvas
	for i, p := range l.plots {
		at := canvases[i/l.cols][i%l.cols]
		if l.f.panel(i).free {
			at = draw.Crop(at, -l.side, l.bar, 0, 0)
		}
		p.Draw(at)
		data := p.DataCanvas(at)
		if i == 0 {
			first = data
		}
		l.drawLabels(c, i, data, vg.Point{X: at.Min.X - l.side, Y: top(canvases[i/l.cols]) + l.title})
		if b := l.f.panel(i).bar; b != nil {
			b.draw(c, data.Rectangle)
		}
	}
	switch {
	case l.legendW > 0:
		l.legend.drawList(c, vg.Point{X: c.Max.X - margin - l.legendW + 12, Y: first.Max.Y})
	case l.legendH > 0:
		l.legend.drawFlow(c, vg.Point{X: margin, Y: margin + l.legendH - 8}, l.w-2*margin)
	}
}

// drawLabels writes the title of panel i and the label of its y axis, from the
// top left corner of the room kept for the panel.
func (l *layout) drawLabels(c draw.Canvas, i int, data draw.Canvas, corner vg.Point) {
	p := l.f.Plots[i]
	if p.Title.Text != "" {
		style := p.Title.TextStyle
		style.XAlign, style.YAlign = draw.XCenter, draw.YTop
		c.FillText(style, vg.Point{X: data.Center().X, Y: corner.Y}, p.Title.Text)
	}
	if p.Y.Label.Text != "" {
		style := p.Y.Label.TextStyle
		style.Rotation += math.Pi / 2
		style.XAlign, style.YAlign = draw.XCenter, draw.YTop
		c.FillText(style, vg.Point{X: corner.X, Y: data.Center().Y}, p.Y.Label.Text)
	}
}

// top is the height that the highest canvas of a row reaches.
func top(row []draw.Canvas) vg.Length {
	y := row[0].Max.Y
	for _, c := range row {
		y = max(y, c.Max.Y)
	}
	return y
}
