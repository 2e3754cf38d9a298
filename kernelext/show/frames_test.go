package show

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

const filmH, filmW, filmN = 12, 20, 9

// street is a film of a still background of rank 1 that gets brighter, and of
// a dark square that walks through it.
func street(t testing.TB) (film *mat.Dense, background *lr.Factors, foreground *lr.Sparse) {
	t.Helper()
	background = lr.NewFactors(filmH*filmW, filmN, 1)
	for p := range filmH * filmW {
		background.U.Set(p, 0, 100+8*float64(p/filmW)+3*float64(p%filmW%7))
	}
	var rows, cols []int
	var values []float64
	for k := range filmN {
		background.V.Set(k, 0, 1+float64(k)/100)
		for y := 5; y < 9; y++ {
			for x := 2 * k; x < 2*k+3; x++ {
				rows, cols, values = append(rows, y*filmW+x), append(cols, k), append(values, -90)
			}
		}
	}
	foreground, err := lr.NewSparse(filmH*filmW, filmN, rows, cols, values)
	if err != nil {
		t.Fatal(err)
	}
	film = background.Dense()
	film.Add(film, foreground)
	return film, background, foreground
}

// twoFrames shows the street in two parts; some pixels of the first are
// missing.
func twoFrames(t testing.TB) Frames {
	film, _, foreground := street(t)
	for x := range 6 {
		film.Set(3*filmW+x, 1, math.NaN())
		film.Set(4*filmW+x, 1, math.NaN())
	}
	return Frames{
		Title: "A walk", Height: filmH, Width: filmW, Frames: []int{1, 6},
		Parts: []FramePart{{Name: "original", M: film}, {Name: "foreground", M: foreground, Signed: true}},
	}
}

// with returns f after a change.
func (f Frames) with(change func(*Frames)) Frames {
	f.Parts = slices.Clone(f.Parts)
	change(&f)
	return f
}

func TestFramesErrors(t *testing.T) {
	ok := twoFrames(t)
	if err := ok.Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		says   string
		change func(f *Frames)
	}{
		{"Height 0 and Width 20", func(f *Frames) { f.Height = 0 }},
		{"no Parts; 1 to 6", func(f *Frames) { f.Parts = nil }},
		{"7 Parts; at most 6", func(f *Frames) { f.Parts = slices.Repeat(f.Parts[:1], 7) }},
		{"13 frames are chosen; at most 12", func(f *Frames) { f.Frames = make([]int, 13) }},
		{`part 2 "foreground" of the Frames has no M`, func(f *Frames) { f.Parts[1].M = nil }},
		{`part 1 "original" of the Frames cannot be read`, func(f *Frames) { f.Parts[0].M = (*mat.Dense)(nil) }},
		{"is 240×9; Height·Width = 12·21 = 252 rows", func(f *Frames) { f.Width = 21 }},
		{"its frames are its rows: set AsRows", func(f *Frames) { f.Parts[0].M = f.Parts[0].M.T() }},
		{"240 columns, one for each pixel, and a row for each frame are wanted (its frames are its columns: leave AsRows out)", func(f *Frames) { f.AsRows = true }},
		{`part 2 "foreground" of the Frames has 4 frames, but the parts before have 9`, func(f *Frames) { f.Parts[1].M = mat.NewDense(240, 4, nil) }},
		{"no frame 9 in the Frames; 0 to 8", func(f *Frames) { f.Frames = []int{3, 9} }},
		{"no frame -1 in the Frames", func(f *Frames) { f.Frames = []int{-1} }},
		{"1 Labels for 2 frames", func(f *Frames) { f.Labels = []string{"a"} }},
		{"Lo NaN", func(f *Frames) { f.Parts[0].Lo = math.NaN() }},
		{"finite numbers", func(f *Frames) { f.Parts[0].Hi = math.Inf(1) }},
		{"Lo 3 and Hi 3; Lo < Hi", func(f *Frames) { f.Parts[0].Lo, f.Parts[0].Hi = 3, 3 }},
		{"is Signed and has Lo -5 and Hi 6", func(f *Frames) { f.Parts[1].Lo, f.Parts[1].Hi = -5, 6 }},
		{"is Signed and has Lo 0 and Hi -6", func(f *Frames) { f.Parts[1].Hi = -6 }},
		{"is a Mask", func(f *Frames) { f.Parts[1].Mask = true }},
		{"a part of the Frames cannot be read: no entry", func(f *Frames) { f.Parts[0].M = broken{f.Parts[0].M} }},
	} {
		f := ok.with(c.change)
		if err := f.Figure().Err(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v does not say %q", err, c.says)
		}
		d := Render(f)
		if text := d.MIME[TextMIME].(string); !strings.Contains(text, c.says) {
			t.Errorf("the cell shows %q, not %q", text, c.says)
		}
		if html, _ := d.MIME[HTMLMIME].(string); !strings.Contains(html, "Error:") || d.MIME[PNGMIME] != nil {
			t.Errorf("%q: no error card in %v", c.says, d.MIME)
		}
	}
}

// broken is a matrix whose entries cannot be read.
type broken struct{ mat.Matrix }

func (broken) At(int, int) float64 { panic("no entry") }

func TestFramesText(t *testing.T) {
	film, background, foreground := street(t)
	got := twoFrames(t).with(func(f *Frames) {
		f.Parts = append(f.Parts, FramePart{Name: "background", M: background}, FramePart{M: foreground, Mask: true})
	}).String()
	want := "A walk\n" +
		"  2 frames of 12×20 pixels (frame 1, frame 6) in 4 parts\n" +
		"  original: black to white from 0 to 255, values 57.46 to 218.4; 12 pixels missing\n" +
		"  foreground: blue to red from -90 to 90, values -90 to 0\n" +
		"  background: black to white from 0 to 255, values 101 to 218.4\n" +
		"  part: 24 of 480 pixels white"
	if got != want {
		t.Errorf("the text is\n%s\nwant\n%s", got, want)
	}
	one := Frames{Height: filmH, Width: filmW, Frames: []int{4}, Labels: []string{"t = 4 s"}, Parts: []FramePart{{M: film}}}
	if got := one.String(); !strings.HasPrefix(got, "Figure\n  1 frame of 12×20 pixels (t = 4 s) in 1 part\n  part: black") {
		t.Errorf("one frame without a title: %s", got)
	}
}

// TestFramesDefault: without a choice, the first, the middle and the last frame
// show, or all of three and fewer.
func TestFramesDefault(t *testing.T) {
	for n, want := range map[int][]int{1: {0}, 2: {0, 1}, 3: {0, 1, 2}, 4: {0, 1, 3}, 9: {0, 4, 8}, 100: {0, 49, 99}} {
		if got := (Frames{}).chosen(n); !slices.Equal(got, want) {
			t.Errorf("of %d frames %v show, want %v", n, got, want)
		}
	}
}

// TestFramesKinds: factors, a sparse matrix and rows give the same picture as
// a dense matrix of columns.
func TestFramesKinds(t *testing.T) {
	film, background, foreground := street(t)
	f := Frames{Height: filmH, Width: filmW, Frames: []int{0, 5}, Parts: []FramePart{
		{Name: "film", M: film}, {Name: "back", M: background.Dense()}, {Name: "front", M: foreground.Dense(), Signed: true},
	}}
	want := f.Figure().SVG()
	lazy := f.with(func(f *Frames) { f.Parts[1].M, f.Parts[2].M = background, foreground })
	if lazy.Figure().SVG() != want {
		t.Error("lazy parts look otherwise than dense ones")
	}
	rows := f.with(func(f *Frames) {
		f.AsRows = true
		for i := range f.Parts {
			f.Parts[i].M = f.Parts[i].M.T()
		}
	})
	if rows.Figure().SVG() != want {
		t.Error("frames as rows look otherwise than frames as columns")
	}
}

// counted counts the entries that are read of it.
type counted struct {
	mat.Matrix
	reads map[[2]int]int
}

func (c counted) At(i, j int) float64 {
	c.reads[[2]int{i, j}]++
	return c.Matrix.At(i, j)
}

// TestFramesReadsOnce: each entry of the frames shown is read once, no other
// is.
func TestFramesReadsOnce(t *testing.T) {
	film, _, _ := street(t)
	c := counted{film, map[[2]int]int{}}
	if err := (Frames{Height: filmH, Width: filmW, Frames: []int{2, 7}, Parts: []FramePart{{M: c}}}).Figure().Err(); err != nil {
		t.Fatal(err)
	}
	if len(c.reads) != 2*filmH*filmW {
		t.Errorf("%d entries were read, want %d", len(c.reads), 2*filmH*filmW)
	}
	for at, n := range c.reads {
		if n != 1 || at[1] != 2 && at[1] != 7 {
			t.Fatalf("entry %v was read %d times", at, n)
		}
	}
}

func TestFramesScale(t *testing.T) {
	for _, c := range []struct {
		name        string
		p           FramePart
		least, most float64
		lo, hi      float64
	}{
		{"photo", FramePart{}, 3, 240, 0, 255},
		{"a little over", FramePart{}, -9, 261, 0, 255},
		{"dark photo", FramePart{}, 0, 20, 0, 255},
		{"shares", FramePart{}, 0.1, 0.9, 0, 1},
		{"nothing", FramePart{}, 0, 0, 0, 1},
		{"16 bits", FramePart{}, 100, 4000, 100, 4000},
		{"signs", FramePart{}, -13, 5, -13, 5},
		{"one great value", FramePart{}, 300, 300, 270, 330},
		{"one negative value", FramePart{}, -2, -2, -2.2, -1.8},
		{"given", FramePart{Lo: 10, Hi: 20}, 0, 255, 10, 20},
		{"signed", FramePart{Signed: true}, -30, 12, -30, 30},
		{"signed zero", FramePart{Signed: true}, 0, 0, -1, 1},
		{"signed, given", FramePart{Signed: true, Hi: 50}, -30, 12, -50, 50},
		{"signed, both given", FramePart{Signed: true, Lo: -50, Hi: 50}, -30, 12, -50, 50},
		{"mask", FramePart{Mask: true}, 1, 1, 0, 1},
	} {
		if lo, hi := c.p.scale(c.least, c.most); math.Abs(lo-c.lo)+math.Abs(hi-c.hi) > 1e-12 {
			t.Errorf("%s: %v to %v, want %v to %v", c.name, lo, hi, c.lo, c.hi)
		}
	}
}

// TestFramesColours: pixels have the grey, the sign's colour, black or white,
// or the hatching of their value, at their place.
func TestFramesColours(t *testing.T) {
	nan := math.NaN()
	m := mat.NewDense(6, 1, []float64{0, 255, 51, nan, math.Inf(1), -7})
	at := func(p FramePart, y, x int) color.NRGBA {
		f := Frames{Height: 2, Width: 3, Parts: []FramePart{p}}
		img := f.column(p, []int{0}).tiles[0].image()
		per := img.Bounds().Dx() / 3
		return color.NRGBAModel.Convert(img.At(x*per+per/2, y*per+per/2)).(color.NRGBA)
	}
	white, black := hex(0xffffff), hex(0x000000)
	grey := FramePart{M: m}
	signed := FramePart{M: m, Signed: true}
	mask := FramePart{M: m, Mask: true}
	for _, c := range []struct {
		name string
		p    FramePart
		y, x int
		want color.NRGBA
	}{
		{"grey 0", grey, 0, 0, black}, {"grey 255", grey, 0, 1, white}, {"grey 51", grey, 0, 2, hex(0x333333)},
		{"grey +Inf", grey, 1, 1, white}, {"grey below", grey, 1, 2, black},
		{"signed 255", signed, 0, 1, blueRed.at(1)}, {"signed +Inf", signed, 1, 1, blueRed.at(1)},
		{"mask 0", mask, 0, 0, black}, {"mask 51", mask, 0, 2, white}, {"mask -7", mask, 1, 2, white},
	} {
		got := at(c.p, c.y, c.x)
		if d := math.Abs(float64(got.R)-float64(c.want.R)) + math.Abs(float64(got.B)-float64(c.want.B)); d > 4 {
			t.Errorf("%s is %v, want %v", c.name, got, c.want)
		}
	}
	for _, p := range []FramePart{grey, signed, mask} {
		if got := at(p, 1, 0); got != missingGround && got != missingLine {
			t.Errorf("a missing pixel is %v", got)
		}
	}
	if zero := at(signed, 0, 0); zero != blueRed.at(0.5) {
		t.Errorf("0 of a signed part is %v, want the white in the middle, %v", zero, blueRed.at(0.5))
	}
}

// TestFramesAllMissing: a part of which nothing is known is hatched.
func TestFramesAllMissing(t *testing.T) {
	f := Frames{Height: 1, Width: 2, Parts: []FramePart{
		{Name: "seen", M: mat.NewDense(2, 1, []float64{math.NaN(), math.NaN()})},
		{Name: "known", M: mat.NewDense(2, 1, []float64{4, 300})},
	}}
	text := f.String()
	if !strings.Contains(text, "seen: black to white from 0 to 1, values 0 to 0; 2 pixels missing") || !strings.Contains(text, "from 4 to 300") {
		t.Errorf("the text is %s", text)
	}
	if fig := f.Figure(); fig.Err() != nil || !strings.Contains(fig.SVG(), ">missing<") {
		t.Errorf("no legend of missing pixels (%v)", fig.Err())
	}
}

// imageSpy notes where images are drawn, in place of drawing them.
type imageSpy struct {
	*vgsvg.Canvas
	at []vg.Rectangle
}

func (s *imageSpy) DrawImage(r vg.Rectangle, _ image.Image) { s.at = append(s.at, r) }

// TestFramesGrid: at every width the frames stand in rows and columns of one
// size, in their own proportions, apart from each other and inside of the
// picture.
func TestFramesGrid(t *testing.T) {
	for _, c := range []struct {
		h, w, parts, frames int
		beside              bool // another panel
	}{
		{1, 1, 1, 1, false}, {12, 16, 1, 3, false}, {12, 16, 2, 2, false}, {12, 16, 3, 4, false}, {16, 9, 4, 2, false}, {9, 16, 6, 1, false},
		{40, 2, 3, 2, false}, {2, 40, 5, 3, false}, {12, 16, 1, 1, true}, {12, 16, 3, 4, true}, {40, 2, 3, 2, true},
	} {
		f := Frames{Height: c.h, Width: c.w, Frames: make([]int, c.frames)}
		for i := range c.parts {
			f.Parts = append(f.Parts, FramePart{M: mat.NewDense(c.h*c.w, 1, nil), Signed: i%2 == 1, Name: strings.Repeat("name ", 5*i)})
		}
		fig := f.Figure()
		widths := []vg.Length{fig.noteWidth(), oneColumn, fullPage}
		if c.beside {
			fig = Panels(fiveCurves().Figure(), fig)
		}
		for _, width := range widths {
			l := newLayout(fig, width)
			s := &imageSpy{Canvas: vgsvg.New(l.w, l.h)}
			l.draw(draw.New(s))
			if want := c.parts*c.frames + c.parts/2; len(s.at) != want {
				t.Fatalf("%+v: %d images, want %d frames and scales", c, len(s.at), want)
			}
			size := s.at[0].Size()
			if aspect := float64(size.Y / size.X); math.Abs(aspect/min(max(float64(c.h)/float64(c.w), 0.1), 3)-1) > 1e-9 {
				t.Errorf("%+v: a frame has the proportion %v", c, aspect)
			}
			for i, a := range s.at {
				if a.Min.X < 0 || a.Min.Y < l.legendH || a.Max.X > l.w+1e-9 || a.Max.Y > l.h {
					t.Errorf("%+v: image %d at %v is outside of %v×%v", c, i, a, l.w, l.h)
				}
				for _, b := range s.at[:i] {
					if a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y {
						t.Errorf("%+v: images at %v and %v overlap", c, a, b)
					}
				}
			}
		}
	}
}

// TestFramesNoteWidth: the picture is as wide as a notebook when it has room to
// fill, and no frame gets larger than it is worth.
func TestFramesNoteWidth(t *testing.T) {
	for _, c := range []struct {
		parts, h, w, pixels int
	}{{3, 12, 16, 960}, {6, 12, 16, 960}, {1, 12, 16, 560}, {2, 12, 16, 851}, {1, 40, 2, 560}} {
		f := Frames{Height: c.h, Width: c.w}
		for range c.parts {
			f.Parts = append(f.Parts, FramePart{Name: "a", M: mat.NewDense(c.h*c.w, 2, nil)})
		}
		fig := f.Figure()
		if got := pixels(fig.noteWidth()); got != c.pixels || fig.Wide != (c.parts > 2) {
			t.Errorf("%+v: %d pixels wide, want %d; a page's width %v", c, got, c.pixels, fig.Wide)
		}
	}
}

// TestFramesRender: a cell gets one PNG of twice its size on screen, and text;
// the figure has SVG too.
func TestFramesRender(t *testing.T) {
	f := twoFrames(t)
	d := Render(f)
	if len(d.MIME) != 2 || d.MIME[TextMIME] != f.String() {
		t.Fatalf("the cell shows %v", d.MIME)
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
	got := img.Bounds().Size()
	if w, h := size["width"].(int), size["height"].(int); got.X != 2*w || got.Y < 2*h-1 || got.Y > 2*h+1 {
		t.Errorf("%v pixels for %v on screen", got, size)
	}
	if !bytes.Equal(b, f.Figure().PNG()) {
		t.Error("the cell's picture is not the figure's")
	}
	if all := Render(f.Figure()); all.MIME[SVGMIME] == nil || all.MIME[PNGMIME] != d.MIME[PNGMIME] {
		t.Error("the figure does not show as SVG and PNG")
	}
}

func TestFit(t *testing.T) {
	style := textStyle(labelSize)
	for _, s := range []string{"", "a", "background", "a very long name of a part"} {
		for _, w := range []vg.Length{1, 20, 60, 1000} {
			got := fit(style, s, w)
			if len([]rune(got)) > 1 && style.Width(got) > w {
				t.Errorf("%q takes %v of %v", got, style.Width(got), w)
			}
			if style.Width(s) <= w && got != s || got != s && !strings.HasPrefix(s, strings.TrimSuffix(got, "…")) {
				t.Errorf("%q was cut to %q for %v", s, got, w)
			}
		}
	}
}
