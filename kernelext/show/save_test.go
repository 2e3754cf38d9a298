package show

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

func TestSave(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		file string
		f    *Figure
		wide bool
		in   vg.Length // width
	}{
		{"a.svg", fiveCurves().Figure(), false, oneColumn},
		{"b.SVG", fiveCurves().Figure(), true, fullPage},
		{"c.svg", Panels(fiveCurves().Figure(), fiveCurves().Figure()), false, fullPage},
	} {
		c.f.Wide = c.wide
		path := filepath.Join(dir, c.file)
		if err := c.f.Save(path); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := "viewBox=\"0 0 " + formatNumber(float64(c.in), 4)
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is not %v wide", c.file, c.in)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("%d files in the folder, want 3 (%v)", len(entries), err)
	}
}

func TestSavePNG(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.png")
	if err := fiveCurves().Figure().Save(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if w := img.Bounds().Dx(); w != 2040 {
		t.Errorf("%d dots, want 600 per inch of 3.4", w)
	}
}

// TestSavePDF: every kind of figure can be written.
func TestSavePDF(t *testing.T) {
	for name, f := range figures(t) {
		path := filepath.Join(t.TempDir(), name+".pdf")
		if err := f.Save(path); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(b, []byte("%PDF-")) || !bytes.Contains(b, []byte("%%EOF")) {
			t.Errorf("%s is no PDF document", name)
		}
	}
}

// TestUpsideDown: the image that goes to the PDF canvas is turned, colours and
// transparency stay.
func TestUpsideDown(t *testing.T) {
	img := image.NewNRGBA(image.Rect(2, 3, 4, 6))
	top, bottom := color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 128}
	img.SetNRGBA(2, 3, top)
	img.SetNRGBA(2, 5, bottom)
	got := upsideDown{img}
	if got.At(2, 3) != bottom || got.At(2, 5) != top || got.Bounds() != img.Bounds() {
		t.Errorf("first row %v, last row %v", got.At(2, 3), got.At(2, 5))
	}
}

func TestGlyphPath(t *testing.T) {
	style := textStyle(10)
	face := style.Handler.Cache().Lookup(style.Font, 10)
	path := glyphPath(face, vg.Point{X: 100, Y: 50}, "μ‖")
	lo, hi := vg.Point{X: 1e9, Y: 1e9}, vg.Point{}
	for _, p := range path {
		lo = vg.Point{X: min(lo.X, p.Pos.X), Y: min(lo.Y, p.Pos.Y)}
		hi = vg.Point{X: max(hi.X, p.Pos.X), Y: max(hi.Y, p.Pos.Y)}
	}
	if w := face.Width("μ‖"); lo.X < 100 || hi.X > 100+w || hi.X < 100+0.6*w {
		t.Errorf("the letters go from %v to %v, their width is %v", lo.X, hi.X, w)
	}
	if lo.Y < 45 || hi.Y < 55 || hi.Y > 60 {
		t.Errorf("the letters go from %v to %v in height", lo.Y, hi.Y)
	}
}

func TestSaveErrors(t *testing.T) {
	f := fiveCurves().Figure()
	for _, c := range []struct{ path, says string }{
		{"figure.gif", `the extension is ".gif"; .pdf, .svg and .png are accepted`},
		{"figure", `the extension is ""`},
		{filepath.Join(t.TempDir(), "no", "such", "folder.svg"), "no such file or directory"},
	} {
		err := f.Save(c.path)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%s: %v", c.path, err)
		}
	}
}

// TestSaveKeepsOld: a failed Save leaves what was there, and nothing else.
func TestSaveKeepsOld(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken.svg")
	if err := os.MkdirAll(filepath.Join(path, "inside"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := fiveCurves().Figure().Save(path); err == nil {
		t.Error("a folder was replaced by a file")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d entries in the folder, want the old one (%v)", len(entries), err)
	}
}
