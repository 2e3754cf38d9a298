package show

import (
	"errors"
	"image/color"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// TestSpaceFits: the whole box is inside of the panel, the near corner is
// lowest, the far corner farthest, and height goes straight up.
func TestSpaceFits(t *testing.T) {
	r := vg.Rectangle{Min: vg.Point{X: 10, Y: 20}, Max: vg.Point{X: 250, Y: 220}}
	s := newSpace(r)
	for _, x := range []float64{-1, 1} {
		for _, y := range []float64{-1, 1} {
			for _, z := range []float64{0, 1} {
				if p := s.at(x, y, z); p.X < r.Min.X || p.X > r.Max.X || p.Y < r.Min.Y || p.Y > r.Max.Y {
					t.Errorf("corner (%v, %v, %v) is at %v, outside of %v", x, y, z, p, r)
				}
			}
		}
	}
	near, far := s.at(1, -1, 0), s.at(-1, 1, 0)
	for _, other := range []vg.Point{s.at(-1, -1, 0), s.at(1, 1, 0)} {
		if other.Y <= near.Y || other.Y >= far.Y {
			t.Errorf("corner at %v is not between the near one at %v and the far one at %v", other, near, far)
		}
	}
	a, b := s.at(0.3, -0.7, 0), s.at(0.3, -0.7, 1)
	if math.Abs(float64(a.X-b.X)) > 1e-9 || b.Y <= a.Y {
		t.Errorf("height goes from %v to %v", a, b)
	}
}

// TestNearHidesFar: a wall in front hides what is behind it.
func TestNearHidesFar(t *testing.T) {
	wall := Surface{X0: -1, X1: 1, Y0: -1, Y1: 1, N: 41, F: func(x, y float64) float64 {
		if y < -0.9 {
			return 1 // at the near side
		}
		return 0
	}}
	g := wall.sample()
	v := &solidView{grid: g, levels: newLevels(g, nil)}
	r := vg.Rectangle{Max: vg.Point{X: 200, Y: 200}}
	img := v.image(r)
	at := v.place(newSpace(r), 0, -0.95, 0.9) // on the wall, before the flat part
	perPoint := float64(img.Bounds().Dx()) / 200
	c := color.NRGBAModel.Convert(img.At(int(float64(at.X)*perPoint), img.Bounds().Dy()-int(float64(at.Y)*perPoint))).(color.NRGBA)
	if c.A != 255 || c.G < c.B {
		t.Errorf("the wall shows %v, want one of the light colours of great values", c)
	}
	if v.image(r) != img {
		t.Error("a second image of the same size was drawn anew")
	}
	if v.image(vg.Rectangle{Max: vg.Point{X: 100, Y: 100}}) == img {
		t.Error("an image of another size was not drawn")
	}
}

// TestColorBar: greatest value on top, and its labels are the ticks.
func TestColorBar(t *testing.T) {
	b := linearBar(viridis, -2, 30, "°C")
	img := b.image()
	n := img.Bounds().Dy()
	top := color.NRGBAModel.Convert(img.At(0, 0)).(color.NRGBA)
	bottom := color.NRGBAModel.Convert(img.At(0, n-1)).(color.NRGBA)
	if top.R < 240 || top.B > 60 || bottom.R > 80 || bottom.G > 10 {
		t.Errorf("from %v on top to %v at the bottom", top, bottom)
	}
	if got := strings.Join(b.labels, " "); got != "0 5 10 15 20 25 30" {
		t.Errorf("labels %s", got)
	}
	if b.place(-2) != 0 || b.place(30) != 1 || b.place(14) != 0.5 {
		t.Error("values are at other places than their colours")
	}
	if wide := linearBar(viridis, 0, 1, "a long unit of measurement"); wide.width() <= b.width() {
		t.Error("a long unit takes no room")
	}
}

// TestBandShade: a strip in bands changes its colour at the edges alone.
func TestBandShade(t *testing.T) {
	edges := []float64{0, 0.25, 0.5, 0.75, 1}
	for _, c := range []struct{ t, want float64 }{{0, 0}, {0.24, 0}, {0.25, 1.0 / 3}, {0.74, 2.0 / 3}, {0.76, 1}, {1, 1}} {
		if got := bandShade(edges, c.t); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("shade at %v is %v, want %v", c.t, got, c.want)
		}
	}
}

// TestLegendWidths: rows stay within the width; entries that fit into one row
// keep their own widths.
func TestLegendWidths(t *testing.T) {
	var l legend
	for _, name := range []string{"a", "a much longer name", "b", "c", "another name"} {
		l = append(l, entry{name: name})
	}
	if each, cols := l.widths(2000); cols != 5 || each[0] == each[1] {
		t.Errorf("wide: %d columns of %v", cols, each)
	}
	for width := vg.Length(60); width < 500; width += 7 {
		each, cols := l.widths(width)
		row := -entryGap
		for _, w := range each[:cols] {
			row += w
		}
		if cols < 1 || cols > 1 && row > width {
			t.Errorf("%d columns take %v of %v", cols, row, width)
		}
		if rows := (len(l) + cols - 1) / cols; l.flowHeight(width) != vg.Length(rows)*entryHeight {
			t.Errorf("%d rows are %v high", rows, l.flowHeight(width))
		}
	}
}

// TestMarks: every kind has a symbol of its own, and the legend names each
// kind once.
func TestMarks(t *testing.T) {
	pixels := func(kind string) string {
		canvas := vgimg.New(20, 20)
		c := draw.New(canvas)
		drawMark(&c, kind, c.Center())
		return string(encodePNG(canvas.Image()))
	}
	seen := map[string]string{}
	for _, kind := range []string{Minimiser, Saddle, Maximiser, "point"} {
		p := pixels(kind)
		if other, ok := seen[p]; ok {
			t.Errorf("%s looks as %s", kind, other)
		}
		seen[p] = kind
	}
	marks := []markPoint{{Mark: Mark{Kind: Minimiser}}, {Mark: Mark{Kind: Minimiser}}, {Mark: Mark{Kind: Saddle}}}
	var names []string
	for _, e := range markEntries(marks) {
		names = append(names, e.name)
	}
	if got := strings.Join(names, ", "); got != "minimiser, saddle, level of the saddle" {
		t.Errorf("legend: %s", got)
	}
}

// TestErrorLines: nothing of an error's text is lost, and lines are short.
func TestErrorLines(t *testing.T) {
	text := strings.Repeat("word and longer-word ", 40)
	lines := errorLines(errors.New(text))
	if strings.Join(lines, " ") != strings.TrimSpace(text) {
		t.Error("words were lost")
	}
	for _, line := range lines {
		if len(line) > cardLetters {
			t.Errorf("a line of %d letters", len(line))
		}
	}
	if svg := errorSVG(errors.New("a < b & c")); !strings.Contains(svg, "a &lt; b &amp; c") {
		t.Errorf("not escaped: %s", svg)
	}
}

// TestGlyphPlaces: glyphs are few, in order, and two curves have theirs at
// different places.
func TestGlyphPlaces(t *testing.T) {
	var points []vg.Point
	for k := range 601 {
		points = append(points, vg.Point{X: vg.Length(k)})
	}
	a := (&curve{shift: 0.1}).places(points, 0, 600)
	b := (&curve{shift: 0.6}).places(points, 0, 600)
	if len(a) != glyphsPerCurve || len(b) != glyphsPerCurve {
		t.Fatalf("%d and %d glyphs, want %d", len(a), len(b), glyphsPerCurve)
	}
	for i := range a {
		if d := b[i].X - a[i].X; math.Abs(float64(d)-50) > 2 {
			t.Errorf("glyph %d is %v after the other curve's, want 50", i, d)
		}
	}
}
