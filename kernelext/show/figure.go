package show

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Figure is a picture of one panel or several. [Curves], [Lines], [Surface],
// [Heatmap], [Frames], [Landscape], [Profile], [Spectrum], [Verdicts] and
// [Panels] make figures, [Plots] makes one of plots of a user's own.
//
// Plots are the panels, free to be changed before the figure is shown:
//
//	f := show.Curves(trace)
//	f.Plots[0].Title.Text = "Without balancing"
//	f.Plots[0].X.Max = 500
//
// Legends and colour bars stand outside the axes and belong to the figure.
type Figure struct {
	Plots []*plot.Plot // the panels, in reading order
	Title string       // heading over all panels; may be empty
	Alt   string       // what the picture shows, in words; by default its text/plain
	Wide  bool         // Save at 7 in, a page's width, also with one panel

	panels  []panel   // what belongs to each of Plots beside the plot
	width   vg.Length // in a notebook; by default as the number of plots asks
	stacked bool      // panels stand below each other
	err     error
}

// panel is what the figure draws around one plot, and says about it.
type panel struct {
	aspect  float64                     // height of the data's area over its width; 0 means 0.68
	height  func(w vg.Length) vg.Length // of the data's area at a width; nil for the aspect's
	entries []entry
	bar     *colorBar
	lines   []string // of the text, below those on title and axes
	silent  bool     // lines say all, title and axes are left out
	free    bool     // has no axes and may use the room kept for them
}

// Plots makes a figure of plots made by other means. They need a title of
// axes and fonts of their own.
func Plots(plots ...*plot.Plot) *Figure {
	f := &Figure{Plots: plots}
	for i, p := range plots {
		if p == nil {
			return failed(fmt.Errorf("show: plot %d of %d is nil", i+1, len(plots)))
		}
	}
	if len(plots) == 0 {
		return failed(errors.New("show: a figure needs a plot; none was given"))
	}
	return f
}

// failed is a figure that could not be made.
func failed(err error) *Figure { return &Figure{err: err} }

// Err returns why the figure could not be made, or nil. Such a figure shows
// its error.
func (f *Figure) Err() error {
	switch {
	case f == nil:
		return errors.New("show: the figure is nil")
	case f.err != nil:
		return f.err
	case len(f.Plots) == 0:
		return errors.New("show: the figure has no plot")
	}
	return nil
}

// panel returns what belongs to plot i; nothing does when a user added it.
func (f *Figure) panel(i int) panel {
	if i < len(f.panels) {
		return f.panels[i]
	}
	return panel{}
}

// Widths of a figure.
const (
	oneColumn = 3.4 * vg.Inch  // in print: a column
	fullPage  = 7 * vg.Inch    // and a page
	oneNote   = vg.Length(420) // in a notebook: 560 pixels
	twoNotes  = vg.Length(576) // and 768 pixels
)

func (f *Figure) noteWidth() vg.Length {
	switch {
	case len(f.Plots) > 1 && !f.stacked:
		return twoNotes
	case f.width > 0:
		return f.width
	}
	return oneNote
}

// SVG is the figure as an SVG document that scales to the width of the page.
// A figure with an error is an SVG document with the error's text.
func (f *Figure) SVG() string {
	svg, err := f.svg(f.noteWidthOrCard())
	if err != nil {
		return errorSVG(err)
	}
	return svg
}

func (f *Figure) noteWidthOrCard() vg.Length {
	if f == nil {
		return oneNote
	}
	return f.noteWidth()
}

// PNG is the figure as a PNG image of twice the resolution of a screen. A
// figure with an error is an image of the error's text.
func (f *Figure) PNG() []byte {
	img, _, err := f.png(f.noteWidthOrCard(), 192)
	if err != nil {
		return errorPNG(err)
	}
	return img
}

// String is the figure in words: titles, axes, and where each curve begins
// and ends.
func (f *Figure) String() string {
	if err := f.Err(); err != nil {
		return err.Error()
	}
	var lines []string
	if f.Title != "" {
		lines = append(lines, f.Title)
	}
	for i, p := range f.Plots {
		about := f.panel(i)
		if !about.silent {
			lines = append(lines, axisLines(p)...)
		}
		lines = append(lines, about.lines...)
	}
	return strings.Join(lines, "\n")
}

// Render is how the figure shows in a notebook: SVG, PNG for those who cannot
// draw SVG, and text.
func (f *Figure) Render() struct {
	Data      map[string]interface{}
	Metadata  map[string]interface{}
	Transient map[string]interface{}
} {
	b := f.pngBundle()
	if b.Data[PNGMIME] != nil {
		b.Data[SVGMIME] = f.SVG()
	}
	return b
}

// pngBundle is the figure as PNG and text alone.
func (f *Figure) pngBundle() bundle {
	img, size, err := f.png(f.noteWidthOrCard(), 192)
	if err != nil {
		return bundle{Data: map[string]any{TextMIME: err.Error(), HTMLMIME: errorHTML(err)}}
	}
	return bundle{
		Data:     map[string]any{PNGMIME: base64.StdEncoding.EncodeToString(img), TextMIME: f.String()},
		Metadata: map[string]any{PNGMIME: map[string]any{"width": size[0], "height": size[1]}},
	}
}

// png draws the figure at a width and a resolution in dots per inch; size is
// in pixels of a screen of 96 dots per inch.
func (f *Figure) png(w vg.Length, dpi int) (img []byte, size [2]int, err error) {
	err = f.draw(w, func(w, h vg.Length) draw.Canvas {
		return draw.New(vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi)))
	}, func(c draw.Canvas) error {
		var b bytes.Buffer
		canvas := c.Canvas.(*vgimg.Canvas)
		_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(&b)
		img, size = b.Bytes(), [2]int{pixels(c.Max.X), pixels(c.Max.Y)}
		return err
	})
	return img, size, err
}

// pixels counts the pixels of a screen in a length.
func pixels(l vg.Length) int { return int(l/vg.Inch*96 + 0.5) }

// draw lays the figure out at width w, draws it on the canvas that open gives
// and hands that to done. A plot that panics gives an error.
func (f *Figure) draw(w vg.Length, open func(w, h vg.Length) draw.Canvas, done func(draw.Canvas) error) (err error) {
	if err := f.Err(); err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("show: the figure cannot be drawn: %v", r)
		}
	}()
	l := newLayout(f, w)
	c := open(l.w, l.h)
	l.draw(c)
	return done(c)
}

// axisLines describes a plot by its title and axes.
func axisLines(p *plot.Plot) []string {
	title := p.Title.Text
	if title == "" {
		title = "Figure"
	}
	var axes []string
	for _, a := range []struct {
		name string
		plot.Axis
	}{{"x", p.X}, {"y", p.Y}} {
		if a.Label.Text == "" {
			continue
		}
		axis := a.name + ": " + a.Label.Text
		if _, ok := a.Scale.(plot.LogScale); ok {
			axis += " (logarithmic)"
		}
		axes = append(axes, axis)
	}
	if len(axes) == 0 {
		return []string{title}
	}
	return []string{title, "  " + strings.Join(axes, "; ")}
}
