package show

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

var update = flag.Bool("update", false, "write the golden files anew")

// decay is a series that falls from 10⁴ to 10⁻²⁰, as the fitting error of
// gradient descent does.
func decay(name string, rate float64) Series {
	s := Series{Name: name}
	for k := range 1001 {
		s.Y = append(s.Y, math.Max(1e4*math.Exp(-rate*float64(k)), 1e-20))
	}
	return s
}

func fiveCurves() Lines {
	l := Lines{Title: "Fitting error", YLabel: "½‖𝒜(UVᵀ) − b‖²"}
	for k, name := range []string{"μ = 10⁻¹", "μ = 10⁻²", "μ = 10⁻³", "μ = 10⁻⁴", "μ = 0"} {
		l.Series = append(l.Series, decay(name, 0.05+0.004*float64(k)))
	}
	return l
}

// figures is one figure of every kind.
func figures(t testing.TB) map[string]*Figure {
	t.Helper()
	lines := fiveCurves().Figure()
	all := map[string]*Figure{
		"lines":   lines,
		"panels":  Panels(fiveCurves().Figure(), Lines{Title: "Distance", YLabel: "‖UVᵀ − X*‖²", Series: fiveCurves().Series}.Figure()),
		"surface": twoWells().Figure(),
		"heatmap": Heatmap{Title: "Map", Data: holes(), Unit: "°C"}.Figure(),
		"maps": Panels(Heatmap{Title: "Truth", Data: holes(), Unit: "°C"}.Figure(),
			Heatmap{Title: "Error", Data: holes(), Unit: "°C", Diverging: true}.Figure()),
		"plain":  Plots(plot.New()),
		"frames": twoFrames(t).Figure(),
		"bound":  successes().Figure(),
	}
	for name, f := range landscapes(t) {
		all[name] = f
	}
	for name, f := range all {
		if err := f.Err(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return all
}

// TestGoldenSVG compares pictures with those that were looked at when the golden
// files were written; go test -update writes them anew. Of an image in a picture
// the file holds the size and a sum of the pixels.
func TestGoldenSVG(t *testing.T) {
	panels := Panels(fiveCurves().Figure(), fiveCurves().Figure())
	panels.Title = "Two panels, one legend"
	for name, f := range map[string]*Figure{
		"panels": panels, "frames": twoFrames(t).Figure(), "bound": successes().Figure(),
		"residuals": Curves(splitTrace("AltProj", "P", 30, true), trace("GD", "P", 30, true)),
	} {
		got := imageSums(t, f.SVG())
		path := filepath.Join("testdata", name+".svg")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("the picture differs from %s (%d bytes, was %d); look at it and run go test -update", path, len(got), len(want))
		}
		if len(got) > 40_000 {
			t.Errorf("%s: %d bytes for a few curves", name, len(got))
		}
	}
}

var embedded = regexp.MustCompile(`data:image/png;base64,([^"]*)`)

// imageSums puts the size and a sum of the pixels in place of each image.
func imageSums(t *testing.T, svg string) string {
	t.Helper()
	return embedded.ReplaceAllStringFunc(svg, func(s string) string {
		b, err := base64.StdEncoding.DecodeString(embedded.FindStringSubmatch(s)[1])
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		size := img.Bounds().Size()
		sum := fnv.New64a()
		for y := range size.Y {
			for x := range size.X {
				r, g, b, a := img.At(x, y).RGBA()
				sum.Write([]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8), byte(a >> 8)})
			}
		}
		return fmt.Sprintf("image %d×%d %016x", size.X, size.Y, sum.Sum64())
	})
}

func TestFiguresAreDeterministic(t *testing.T) {
	first, second := figures(t), figures(t)
	for name := range first {
		if first[name].SVG() != second[name].SVG() {
			t.Errorf("%s: the same input gave two SVG documents", name)
		}
	}
	if !bytes.Equal(first["surface"].PNG(), second["surface"].PNG()) {
		t.Error("the same input gave two PNG images")
	}
}

var outerSpace = regexp.MustCompile(`<text[^>]*> [^<]*`)

// TestSVGDocument: well-formed, scalable, with words for those who do not see
// it, and with images as PNG only.
func TestSVGDocument(t *testing.T) {
	for name, f := range figures(t) {
		svg := f.SVG()
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for _, want := range []string{"<svg xmlns=", `role="img"`, "viewBox=", "<title>", "max-width:100%"} {
			if !strings.Contains(svg, want) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
		if strings.HasPrefix(svg, "<?xml") || strings.Contains(svg, "image/jpg") {
			t.Errorf("%s: a head or an image type that browsers refuse inside of a page", name)
		}
		if text := outerSpace.FindString(svg); text != "" {
			t.Errorf("%s: a space that browsers drop in %s", name, text)
		}
		if strings.Count(svg, "<image") > 6 {
			t.Errorf("%s: %d images", name, strings.Count(svg, "<image"))
		}
	}
}

func TestAlt(t *testing.T) {
	f := fiveCurves().Figure()
	if svg := f.SVG(); !strings.Contains(svg, "<desc>Fitting error\n  x: iteration") {
		t.Error("the text of the figure is not its description")
	}
	f.Alt = "Five curves <fall>"
	if svg := f.SVG(); !strings.Contains(svg, "<desc>Five curves &lt;fall&gt;</desc>") {
		t.Error("Alt is not the description")
	}
}

func TestRenderFigure(t *testing.T) {
	for name, f := range figures(t) {
		d := Render(f)
		if d.MIME[SVGMIME] != f.SVG() || d.MIME[TextMIME] != f.String() || d.MIME[HTMLMIME] != nil {
			t.Errorf("%s: the bundle is not SVG, PNG and text", name)
		}
		b, err := base64.StdEncoding.DecodeString(d.MIME[PNGMIME].(string))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		size := d.Metadata[PNGMIME].(map[string]any)
		if w := img.Bounds().Dx(); w != 2*size["width"].(int) {
			t.Errorf("%s: %d pixels for %v on screen", name, w, size["width"])
		}
		if r, g, b, a := img.At(0, 0).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff || a != 0xffff {
			t.Errorf("%s: the ground is not opaque white", name)
		}
		if w := size["width"]; w != 560 && w != 768 && name != "frames" {
			t.Errorf("%s is %v pixels wide", name, w)
		}
	}
}

// badFigures cannot be made; says is part of the error.
var badFigures = []struct {
	name, says string
	f          *Figure
}{
	{"nil", "the figure is nil", nil},
	{"zero", "the figure has no plot", &Figure{}},
	{"no plots", "needs a plot", Plots()},
	{"nil plot", "plot 2 of 2 is nil", Plots(plot.New(), nil)},
	{"no panels", "Panels needs a figure", Panels()},
	{"nil panel", "panel 2 of 2: show: the figure is nil", Panels(Plots(plot.New()), nil)},
	{"bad panel", "panel 1 of 1: show: Lines needs a Series", Panels(Lines{}.Figure())},
	{"panic in a plot", "cannot be drawn", brokenPlot()},
}

// brokenPlot has a logarithmic axis with negative ends, on which gonum panics.
func brokenPlot() *Figure {
	p := plot.New()
	p.X.Scale, p.X.Min, p.X.Max = plot.LogScale{}, -1, 1
	return Plots(p)
}

// TestBadFigures: an error is shown and returned, never a panic.
func TestBadFigures(t *testing.T) {
	for _, c := range badFigures {
		d := Render(c.f)
		text, _ := d.MIME[TextMIME].(string)
		if !strings.Contains(text, c.says) {
			t.Errorf("%s: text %q does not say %q", c.name, text, c.says)
		}
		if html, _ := d.MIME[HTMLMIME].(string); !strings.Contains(html, "Error:") {
			t.Errorf("%s: no error in HTML: %v", c.name, d.MIME)
		}
		if svg := c.f.SVG(); !strings.Contains(svg, "<title>Error</title>") {
			t.Errorf("%s: SVG is not the error's", c.name)
		}
		if img, err := png.Decode(bytes.NewReader(c.f.PNG())); err != nil || img.Bounds().Dx() != cardWidth {
			t.Errorf("%s: PNG is not the error's: %v", c.name, err)
		}
		path := filepath.Join(t.TempDir(), "f.svg")
		if err := c.f.Save(path); err == nil {
			t.Errorf("%s: Save has no error", c.name)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: Save left a file", c.name)
		}
	}
}

// TestPlotsAreTheUsers: what a user changes or adds is drawn.
func TestPlotsAreTheUsers(t *testing.T) {
	f := fiveCurves().Figure()
	f.Plots[0].Title.Text = "My own title"
	f.Plots[0].Y.Label.Text = "my own label"
	line, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 1}, {X: 1000, Y: 1}})
	if err != nil {
		t.Fatal(err)
	}
	line.Color = color.NRGBA{0x12, 0x34, 0x56, 0xff}
	f.Plots[0].Add(line)
	svg := f.SVG()
	if text := f.String(); !strings.HasPrefix(text, "My own title\n") || !strings.Contains(text, "my own label (logarithmic)") {
		t.Errorf("the text is of another plot:\n%s", text)
	}
	for _, want := range []string{"<title>My own title</title>", ">My own title<", ">my own label<", "#123456"} {
		if !strings.Contains(svg, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if f.Plots[0].Y.Label.Text != "my own label" {
		t.Error("drawing changed the user's plot")
	}
	f.Plots = append(f.Plots, plot.New())
	if err := f.Err(); err != nil || !strings.Contains(f.SVG(), `width="768"`) {
		t.Errorf("a plot added by the user is not a second panel: %v", err)
	}
	if d := Render(plot.New()); d.MIME[SVGMIME] == nil {
		t.Error("a *plot.Plot does not show as a figure")
	}
}

// spy notes where unrotated text is written.
type spy struct {
	*vgsvg.Canvas
	turned []bool
	boxes  []textBox
}

type textBox struct {
	text string
	vg.Rectangle
}

func (s *spy) Push() {
	s.turned = append(s.turned, s.turned[len(s.turned)-1])
	s.Canvas.Push()
}

func (s *spy) Pop() {
	s.turned = s.turned[:len(s.turned)-1]
	s.Canvas.Pop()
}

func (s *spy) Rotate(r float64) {
	s.turned[len(s.turned)-1] = true
	s.Canvas.Rotate(r)
}

func (s *spy) FillString(f font.Face, at vg.Point, text string) {
	s.Canvas.FillString(f, at, text)
	if _, accent := map[string]bool{"˜": true}[text]; accent || s.turned[len(s.turned)-1] || text == "" {
		return
	}
	// The height of digits and capitals, and the width of the letters.
	size := vg.Point{X: f.Width(text), Y: 0.7 * f.Font.Size}
	s.boxes = append(s.boxes, textBox{text, vg.Rectangle{Min: at, Max: at.Add(size)}})
}

// TestNoTextOverlaps looks at every width that a figure is drawn at: no text
// leaves the picture or meets another, none is smaller than its least size.
func TestNoTextOverlaps(t *testing.T) {
	for name, f := range figures(t) {
		for _, w := range []vg.Length{f.noteWidth(), oneColumn, fullPage} {
			l := newLayout(f, w)
			s := &spy{Canvas: vgsvg.New(l.w, l.h), turned: []bool{false}}
			l.draw(draw.New(s))
			for i, a := range s.boxes {
				if a.Min.X < 0 || a.Min.Y < 0 || a.Max.X > l.w || a.Max.Y > l.h {
					t.Errorf("%s at %v: %q leaves the picture", name, w, a.text)
				}
				for _, b := range s.boxes[i+1:] {
					const touch = 0.4
					if a.Min.X < b.Max.X-touch && b.Min.X < a.Max.X-touch && a.Min.Y < b.Max.Y-touch && b.Min.Y < a.Max.Y-touch {
						t.Errorf("%s at %v: %q meets %q", name, w, a.text, b.text)
					}
				}
			}
			if len(s.boxes) < 4 {
				t.Errorf("%s at %v: only %d texts seen", name, w, len(s.boxes))
			}
		}
	}
}

// TestLegendOnce: panels with the same series have one legend, outside of the
// axes.
func TestLegendOnce(t *testing.T) {
	svg := Panels(fiveCurves().Figure(), fiveCurves().Figure()).SVG()
	if n := strings.Count(svg, ">μ = 0<"); n != 1 {
		t.Errorf("the legend names a series %d times", n)
	}
	for _, f := range []*Figure{fiveCurves().Figure(), Panels(fiveCurves().Figure(), fiveCurves().Figure())} {
		l := newLayout(f, f.noteWidth())
		if len(l.legend) != 5 || (l.legendW == 0) == (l.legendH == 0) {
			t.Errorf("legend of %d entries, %v wide, %v high", len(l.legend), l.legendW, l.legendH)
		}
	}
}

func TestArrange(t *testing.T) {
	for _, c := range []struct {
		n          int
		w          vg.Length
		rows, cols int
	}{{1, 400, 1, 1}, {2, 500, 1, 2}, {3, 500, 1, 3}, {4, 500, 2, 2}, {5, 500, 2, 3}, {2, 245, 2, 1}} {
		if r, k := arrange(c.n, c.w); r != c.rows || k != c.cols {
			t.Errorf("%d panels on %v: %d×%d, want %d×%d", c.n, c.w, r, k, c.rows, c.cols)
		}
	}
}
