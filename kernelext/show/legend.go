package show

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// entry is a line of a legend. Entries with the same name and key are one.
type entry struct {
	name  string
	key   int // tells styles apart
	thumb plot.Thumbnailer
}

// legend is a list of entries, drawn outside the axes.
type legend []entry

const (
	thumbWidth  = vg.Length(26)
	thumbHeight = vg.Length(10)
	thumbGap    = vg.Length(5)
	entryGap    = vg.Length(14)
	entryHeight = vg.Length(14)
)

// legend collects the entries of all panels, each once.
func (f *Figure) legend() legend {
	var all legend
	for i := range f.Plots {
		for _, e := range f.panel(i).entries {
			known := false
			for _, a := range all {
				known = known || a.name == e.name && a.key == e.key
			}
			if !known {
				all = append(all, e)
			}
		}
	}
	return all
}

// listWidth is the width of the entries under each other.
func (l legend) listWidth() vg.Length {
	style := textStyle(tickSize)
	var w vg.Length
	for _, e := range l {
		w = max(w, thumbWidth+thumbGap+style.Width(e.name))
	}
	return w
}

// widths are those of the entries as they stand side by side, for all the
// same or, where all fit into one row, each its own.
func (l legend) widths(width vg.Length) (each []vg.Length, columns int) {
	style := textStyle(tickSize)
	total := -entryGap
	for _, e := range l {
		w := thumbWidth + thumbGap + style.Width(e.name) + entryGap
		each, total = append(each, w), total+w
	}
	if total <= width {
		return each, len(l)
	}
	widest := slices.Max(each)
	for i := range each {
		each[i] = widest
	}
	return each, min(max(int((width+entryGap)/widest), 1), len(l))
}

func (l legend) flowHeight(width vg.Length) vg.Length {
	_, cols := l.widths(width)
	return vg.Length((len(l)+cols-1)/cols) * entryHeight
}

// drawList draws the entries under each other from a top left corner.
func (l legend) drawList(c draw.Canvas, at vg.Point) {
	for i, e := range l {
		e.draw(c, vg.Point{X: at.X, Y: at.Y - vg.Length(i)*entryHeight})
	}
}

// drawFlow draws the entries in columns, centred within a width.
func (l legend) drawFlow(c draw.Canvas, at vg.Point, width vg.Length) {
	each, cols := l.widths(width)
	row := -entryGap
	for _, w := range each[:cols] {
		row += w
	}
	left := at.X + max((width-row)/2, 0)
	x := left
	for i, e := range l {
		if i%cols == 0 {
			x = left
		}
		e.draw(c, vg.Point{X: x, Y: at.Y - vg.Length(i/cols)*entryHeight})
		x += each[i]
	}
}

func (e entry) draw(c draw.Canvas, at vg.Point) {
	box := c
	top := at.Y - (entryHeight-thumbHeight)/2
	box.Rectangle = vg.Rectangle{
		Min: vg.Point{X: at.X, Y: top - thumbHeight},
		Max: vg.Point{X: at.X + thumbWidth, Y: top},
	}
	e.thumb.Thumbnail(&box)
	textBeside(c, vg.Point{X: at.X + thumbWidth + thumbGap, Y: at.Y - entryHeight/2}, e.name)
}
