package show

import (
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
)

// successes is a map of the share of trials that succeed, with two curves over
// it that leave it at its top.
func successes() Heatmap {
	rates := mat.NewDense(8, 10, nil)
	for i := range 8 {
		for j := range 10 {
			alpha, rank := (float64(i)+0.5)/16, float64(j+1)
			rates.Set(i, j, math.Round(20/(1+math.Exp(30*(alpha*math.Sqrt(rank)-0.5))))/20)
		}
	}
	h := Heatmap{
		Title: "Share of 20 trials that recover M*", Data: rates, Lo: 0, Hi: 1, FlipY: true, Unit: "share",
		XLabel: "rank r", X: [2]float64{0.5, 10.5}, YLabel: "α", Y: [2]float64{0, 0.5},
	}
	for _, c := range []struct {
		name  string
		power float64
	}{{"α r = 0.5", 1}, {"α √r = 0.5", 0.5}} {
		s := Series{Name: c.name}
		for r := 0.5; r <= 10.5; r += 0.125 {
			s.X, s.Y = append(s.X, r), append(s.Y, 0.5/math.Pow(r, c.power))
		}
		h.Curves = append(h.Curves, s)
	}
	return h
}

func TestOverlayErrors(t *testing.T) {
	one := mat.NewDense(1, 1, []float64{1})
	for _, c := range []struct {
		says   string
		curves []Series
	}{
		{"the Heatmap has 9 series; at most 8", make([]Series, 9)},
		{`series 1 "a" has no points`, []Series{{Name: "a"}}},
		{`series 1 "b" has 1 values of X and 2 of Y`, []Series{{Name: "b", X: []float64{1}, Y: []float64{1, 2}}}},
		{`trace of series "c" is nil`, []Series{Loss("c", nil)}},
	} {
		if text := (Heatmap{Data: one, Curves: c.curves}).String(); !strings.Contains(text, c.says) {
			t.Errorf("%q does not say %q", text, c.says)
		}
	}
}

// TestOverlayKeepsAxes: curves that go beyond the map leave its axes as they
// are, whichever way they run.
func TestOverlayKeepsAxes(t *testing.T) {
	h := successes()
	for _, flip := range []bool{false, true} {
		for _, y := range [][2]float64{{0, 0.5}, {0.5, 0}, {}} {
			h.FlipY, h.Y = flip, y
			with := h.Figure().Plots[0]
			bare := h
			bare.Curves = nil
			want := bare.Figure().Plots[0]
			if with.X.Min != want.X.Min || with.X.Max != want.X.Max || with.Y.Min != want.Y.Min || with.Y.Max != want.Y.Max {
				t.Errorf("flip %v, Y %v: axes %v…%v × %v…%v with curves", flip, y, with.X.Min, with.X.Max, with.Y.Min, with.Y.Max)
			}
			if with.Y.Norm(0.1) != want.Y.Norm(0.1) {
				t.Errorf("flip %v, Y %v: 0.1 is at %v of the height with curves, %v without", flip, y, with.Y.Norm(0.1), want.Y.Norm(0.1))
			}
		}
	}
}

// TestOverlayText: the text says where each curve begins and ends, and the
// legend names those that have a name and a point.
func TestOverlayText(t *testing.T) {
	h := successes()
	h.Curves = append(h.Curves, Series{Y: []float64{0.1, 0.2}}, Series{Name: "nowhere", Y: []float64{math.NaN()}})
	f := h.Figure()
	for _, want := range []string{"α r = 0.5: 1 at 0.5, 0.0476 at 10.5", "curve: 0.1 at 0, 0.2 at 1, 2 points", "nowhere: no point can be drawn"} {
		if !strings.Contains(f.String(), want) {
			t.Errorf("lacks %q:\n%s", want, f.String())
		}
	}
	var names []string
	for _, e := range f.legend() {
		names = append(names, e.name)
	}
	if !slices.Equal(names, []string{"α r = 0.5", "α √r = 0.5"}) {
		t.Errorf("the legend has %q", names)
	}
	if err := h.Err(); err != nil {
		t.Error(err)
	}
}

// TestOverlayInside: nothing of a curve is drawn outside of the map but half
// of a line's width, and every stroke of a curve has its white seam below it.
func TestOverlayInside(t *testing.T) {
	h := successes()
	h.Curves = append(h.Curves, Series{Name: "out and in", X: []float64{-3, 5, 20, 5}, Y: []float64{-1, 0.2, 0.3, 9}})
	f := h.Figure()
	var seen recorder.Canvas
	c := draw.NewCanvas(&seen, 300, 200)
	p := *f.Plots[0]
	for _, o := range newOverlays(h.Curves) {
		o.Plot(c, &p)
	}
	var current color.Color
	strokes := map[color.Color]int{}
	for _, a := range seen.Actions {
		switch a := a.(type) {
		case *recorder.SetColor:
			current = a.Color
		case *recorder.Stroke:
			strokes[current]++
			for _, comp := range a.Path {
				if q := comp.Pos; comp.Type != vg.CloseComp && (q.X < -1e-6 || q.Y < -1e-6 || q.X > 300+1e-6 || q.Y > 200+1e-6) {
					t.Fatalf("a line goes through %v, outside of the map", q)
				}
			}
		case *recorder.Fill:
			for _, comp := range a.Path {
				if q := comp.Pos; q.X < 0 || q.Y < 0 || q.X > 300 || q.Y > 200 {
					t.Fatalf("a glyph is at %v, outside of the map", q)
				}
			}
		}
	}
	total := 0
	for i := range h.Curves {
		n := strokes[lineColors[i]]
		if n == 0 {
			t.Errorf("curve %d is not drawn", i)
		}
		total += n
	}
	if white := strokes[color.White]; white != total {
		t.Errorf("%d white seams for %d lines", white, total)
	}
}

// TestOverlayPlace: a curve goes through the cell whose coordinates it has,
// whichever way the axis runs.
func TestOverlayPlace(t *testing.T) {
	for _, flip := range []bool{false, true} {
		h := Heatmap{
			Data: mat.NewDense(4, 4, make([]float64, 16)), X: [2]float64{0, 4}, Y: [2]float64{0, 4}, FlipY: flip,
			Curves: []Series{{X: []float64{0, 4}, Y: []float64{1, 1}}},
		}
		var seen recorder.Canvas
		p := *h.Figure().Plots[0]
		newOverlays(h.Curves)[0].Plot(draw.NewCanvas(&seen, 100, 100), &p)
		want := vg.Length(75) // a quarter from the top
		if flip {
			want = 25
		}
		if got := firstStroke(&seen); math.Abs(float64(got-want)) > 1e-9 {
			t.Errorf("FlipY %v: the line is at the height %v, want %v", flip, got, want)
		}
	}
}

// firstStroke is the height at which the first line begins.
func firstStroke(c *recorder.Canvas) vg.Length {
	for _, a := range c.Actions {
		if s, ok := a.(*recorder.Stroke); ok {
			return s.Path[0].Pos.Y
		}
	}
	return -1
}
