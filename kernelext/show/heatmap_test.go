package show

import (
	"image/color"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// holes is a matrix of 20×30 with missing entries.
func holes() *mat.Dense {
	m := mat.NewDense(20, 30, nil)
	for i := range 20 {
		for j := range 30 {
			m.Set(i, j, math.Sin(float64(i)/4)*10+float64(j)/3)
			if (i-6)*(i-6)+(j-9)*(j-9) < 20 {
				m.Set(i, j, math.NaN())
			}
		}
	}
	return m
}

func TestHeatmapErrors(t *testing.T) {
	nan := mat.NewDense(1, 2, []float64{math.NaN(), math.NaN()})
	one := mat.NewDense(1, 1, []float64{1})
	for _, c := range []struct {
		says string
		h    Heatmap
	}{
		{"has no Data", Heatmap{}},
		{"is 0×0", Heatmap{Data: &mat.Dense{}}},
		{"all 2 entries of the Heatmap \"T\" are missing", Heatmap{Title: "T", Data: nan}},
		{"Lo 2 and Hi 1", Heatmap{Data: one, Lo: 2, Hi: 1}},
		{"Lo NaN", Heatmap{Data: one, Lo: math.NaN()}},
		{"ends [1 1] of X", Heatmap{Data: one, X: [2]float64{1, 1}}},
		{"ends [0 NaN] of Y", Heatmap{Data: one, Y: [2]float64{0, math.NaN()}}},
	} {
		if text := Render(c.h).MIME[TextMIME].(string); !strings.Contains(text, c.says) {
			t.Errorf("%q does not say %q", text, c.says)
		}
	}
}

func TestHeatmapText(t *testing.T) {
	got := Heatmap{Title: "Map", Data: holes(), Unit: "°C", XLabel: "x", YLabel: "y"}.String()
	for _, want := range []string{"Map\n", "x: x; y: y", "20×30, -9.99", "°C, colours from", "61 of 600 entries missing (10 %)"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}

// TestHeatmapPixels: each entry has its colour at its place; missing ones are
// grey, infinite ones are cut to the ends.
func TestHeatmapPixels(t *testing.T) {
	m := mat.NewDense(2, 3, []float64{0, 5, 10, math.NaN(), math.Inf(-1), math.Inf(1)})
	at := func(c *cells, i, j int) color.NRGBA {
		img := c.image()
		per := img.Bounds().Dx() / 3
		return color.NRGBAModel.Convert(img.At(j*per+per/2, i*per+per/2)).(color.NRGBA)
	}
	for _, top := range []bool{true, false} {
		c := newCells(m)
		c.lo, c.hi, c.colors, c.zeroOnTop = c.least, c.most, viridis, top
		first, second := 0, 1
		if !top {
			first, second = 1, 0
		}
		for _, want := range []struct {
			i, j int
			c    color.NRGBA
		}{
			{first, 0, viridis.at(0)}, {first, 2, viridis.at(1)}, {second, 1, viridis.at(0)}, {second, 2, viridis.at(1)},
		} {
			if got := at(c, want.i, want.j); got != want.c {
				t.Errorf("row 0 on top %v: entry on screen (%d, %d) is %v, want %v", top, want.i, want.j, got, want.c)
			}
		}
		if got := at(c, second, 0); got != missingGround && got != missingLine {
			t.Errorf("a missing entry is %v", got)
		}
		if c.missing != 1 || c.least != 0 || c.most != 10 {
			t.Errorf("missing %d, range %v to %v", c.missing, c.least, c.most)
		}
	}
}

func TestHeatmapScale(t *testing.T) {
	m := mat.NewDense(1, 2, []float64{-3, 1})
	flat := mat.NewDense(1, 2, []float64{7, 7})
	for _, c := range []struct {
		name   string
		h      Heatmap
		lo, hi float64
	}{
		{"range of the data", Heatmap{Data: m}, -3, 1},
		{"diverging", Heatmap{Data: m, Diverging: true}, -3, 3},
		{"given", Heatmap{Data: m, Lo: -1, Hi: 2}, -1, 2},
		{"one value", Heatmap{Data: flat}, 6.3, 7.7},
	} {
		if lo, hi := c.h.scale(newCells(c.h.Data)); math.Abs(lo-c.lo) > 1e-12 || math.Abs(hi-c.hi) > 1e-12 {
			t.Errorf("%s: %v to %v, want %v to %v", c.name, lo, hi, c.lo, c.hi)
		}
	}
}

// TestHeatmapOrientation: the coordinate of row 0 is where row 0 is.
func TestHeatmapOrientation(t *testing.T) {
	for _, c := range []struct {
		y    [2]float64
		flip bool
	}{{[2]float64{0, 20}, false}, {[2]float64{0, 20}, true}, {[2]float64{90, -90}, false}, {[2]float64{90, -90}, true}} {
		p := Heatmap{Data: holes(), Y: c.y, FlipY: c.flip}.Figure().Plots[0]
		if p.Y.Min >= p.Y.Max {
			t.Fatalf("%v: the axis runs from %v to %v", c, p.Y.Min, p.Y.Max)
		}
		if got, want := p.Y.Norm(c.y[0]), map[bool]float64{true: 0, false: 1}[c.flip]; math.Abs(got-want) > 1e-12 {
			t.Errorf("%+v: the first row's edge is at %v of the height, want %v", c, got, want)
		}
	}
}

// TestHeatmapSize: a large matrix is one small image.
func TestHeatmapSize(t *testing.T) {
	m := mat.NewDense(90, 180, nil)
	for i := range 90 {
		for j := range 180 {
			m.Set(i, j, 30*math.Cos(float64(i-45)/30)+math.Sin(float64(j)/9))
		}
	}
	svg := Heatmap{Data: m}.Figure().SVG()
	if n := strings.Count(svg, "<image"); n != 2 || len(svg) > 60_000 {
		t.Errorf("%d images, %d bytes; want the map and its bar, small", n, len(svg))
	}
}

// TestPalettes: viridis gets ever lighter, blueRed is lightest in its middle,
// and the colours of lines differ in lightness or hue and stand out on white.
func TestPalettes(t *testing.T) {
	lightness := func(c color.Color) float64 {
		r, g, b, _ := c.RGBA()
		return (0.2126*float64(r) + 0.7152*float64(g) + 0.0722*float64(b)) / 0xffff
	}
	for k := range 100 {
		a, b := float64(k)/100, float64(k+1)/100
		if lightness(viridis.at(b)) <= lightness(viridis.at(a)) {
			t.Errorf("viridis is not lighter at %v than at %v", b, a)
		}
		if up := lightness(blueRed.at(b)) > lightness(blueRed.at(a)); up != (b <= 0.5) {
			t.Errorf("blueRed between %v and %v: lighter is %v", a, b, up)
		}
	}
	if viridis.at(-1) != viridis[0] || viridis.at(2) != viridis[len(viridis)-1] {
		t.Error("a value outside is not cut to the end")
	}
	if len(lineColors) != maxSeries || len(dashes) != maxSeries || len(glyphs) != maxSeries {
		t.Error("not every series has a colour, a dash and a glyph")
	}
	for i, c := range lineColors {
		if contrast := 1.05 / (lightness(c) + 0.05); contrast < 1.5 {
			t.Errorf("line colour %d has the contrast %.2f on white", i, contrast)
		}
	}
}
