package show_test

import (
	"fmt"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/lowrankgo/lowrank/kernelext/show"
	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// run stands for the trace of a run.
func run(rate float64) *lr.Trace {
	t := &lr.Trace{Method: fmt.Sprintf("GD step %g", rate), Rows: make([]lr.Row, 101)}
	v := 1.0
	for k := range t.Rows {
		t.Rows[k] = lr.Row{Iter: k, Loss: v, GradNorm: 2 * v, RelErr: v, SqErr: v * v}
		v *= 1 - rate
	}
	return t
}

func ExampleRender() {
	d := show.Render(show.Table{Header: []string{"n"}, Rows: [][]interface{}{{1}, {20}}})
	fmt.Println(d.MIME["text/plain"])
	// Output:
	//  n
	// ──
	//  1
	// 20
}

func ExampleDisplay() {
	show.Display(fmt.Errorf("it broke")) // no notebook runs, so this prints
	// Output: it broke
}

func ExampleClaims() {
	claims := show.Claims(
		show.Claim{Item: "[L] Fig 2a", Statement: "fitting error at the end", Measured: 3.12e-21, Relation: "<", Bound: 1e-20, Seed: 1},
		show.Claim{Item: "[L] Ex I.1", Statement: "curvature at the saddle", Measured: -1, Relation: "=", Bound: -1, Tolerance: 1e-12},
	)
	fmt.Println(claims)
	// Output:
	// item        claim                     measured  bound         verdict
	// ──────────  ────────────────────────  ────────  ────────────  ───────
	// [L] Fig 2a  fitting error at the end  3.12e-21  < 1e-20       holds
	// [L] Ex I.1  curvature at the saddle   -1        = -1 ± 1e-12  holds
}

func ExampleParseClaims() {
	claims, err := show.ParseClaims([]byte(`[{"item":"[L] Fig 2a","statement":"fitting error","measured":3e-21,
		"relation":"<","bound":1e-20,"verdict":"holds","seed":1}]`))
	fmt.Println(len(claims), claims[0].Verdict(), err)
	// Output: 1 holds <nil>
}

func ExampleTable() {
	fmt.Println(show.Table{
		Caption: "Gradient descent",
		Header:  []string{"μ", "iterations", "error"},
		Rows:    [][]interface{}{{0.1, 812, 3.14159e-21}, {0.0, 797, 2.8e-21}},
	})
	// Output:
	// Gradient descent
	//
	//   μ  iterations      error
	// ───  ──────────  ─────────
	// 0.1         812  3.142e-21
	//   0         797    2.8e-21
}

func ExampleCurves() {
	f := show.Curves(run(0.1), run(0.2))
	f.Plots[0].Title.Text = "Two steps" // the plots are gonum's, yours to change
	fmt.Println(len(f.Plots), f.Err())
	// Output: 2 <nil>
}

func ExampleLines() {
	fmt.Println(show.Lines{
		Title: "Two steps", YLabel: "loss",
		Series: []show.Series{show.Loss("short", run(0.1)), show.Loss("long", run(0.2))},
	}.Figure())
	// Output:
	// Two steps
	//   x: iteration; y: loss (logarithmic)
	//   short: 1 at 0, 2.66e-5 at 100, 101 points
	//   long: 1 at 0, 2.04e-10 at 100, 101 points
}

func ExampleSurface() {
	fmt.Println(show.Surface{
		Title: "Scalar factorisation", XLabel: "u", YLabel: "v", ZLabel: "g", X0: -2, X1: 2, Y0: -2, Y1: 2,
		F:     func(u, v float64) float64 { return (1 - u*v) * (1 - u*v) / 2 },
		Marks: []show.Mark{{X: 1, Y: 1, Kind: show.Minimiser}, {Kind: show.Saddle}},
	}.Figure())
	// Output:
	// Scalar factorisation
	//   surface and contours of g over u in [-2, 2], v in [-2, 2]; values 0 to 12.5
	//   minimiser at (1, 1), g = 0
	//   saddle at (0, 0), g = 0.5
}

func ExampleHeatmap() {
	fmt.Println(show.Heatmap{Title: "Small", Data: mat.NewDense(2, 2, []float64{0, 1, 2, 3}), Unit: "°C"}.Figure())
	// Output:
	// Small
	//   x: column; y: row
	//   2×2, 0 to 3 °C, colours from 0 to 3
}

func ExampleHeatmap_curves() {
	rates := mat.NewDense(2, 3, []float64{1, 1, 0.75, 1, 0.25, 0})
	fmt.Println(show.Heatmap{
		Title: "Share of 20 trials that recover M*", Data: rates, Lo: 0, Hi: 1, FlipY: true,
		XLabel: "rank r", X: [2]float64{0.5, 3.5}, YLabel: "α", Y: [2]float64{0, 0.4},
		Curves: []show.Series{{Name: "α r = 0.3", X: []float64{1, 2, 3}, Y: []float64{0.3, 0.15, 0.1}}},
	}.Figure())
	// Output:
	// Share of 20 trials that recover M*
	//   x: rank r; y: α
	//   2×3, 0 to 1, colours from 0 to 1
	//   α r = 0.3: 0.3 at 1, 0.1 at 3, 3 points
}

func ExampleFrames() {
	// A film of two frames of 1×2 pixels, and its parts.
	film := mat.NewDense(2, 2, []float64{100, 110, 100, 200})
	background := &lr.Factors{U: mat.NewDense(2, 1, []float64{100, 100}), V: mat.NewDense(2, 1, []float64{1, 1.1})}
	foreground, err := lr.NewSparse(2, 2, []int{1}, []int{1}, []float64{90})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(show.Frames{
		Title: "A flash", Height: 1, Width: 2, Frames: []int{0, 1},
		Parts: []show.FramePart{
			{Name: "original", M: film},
			{Name: "background", M: background},
			{Name: "foreground", M: foreground, Signed: true},
			{Name: "mask", M: foreground, Mask: true},
		},
	})
	// Output:
	// A flash
	//   2 frames of 1×2 pixels (frame 0, frame 1) in 4 parts
	//   original: black to white from 0 to 255, values 100 to 200
	//   background: black to white from 0 to 255, values 100 to 110
	//   foreground: blue to red from -90 to 90, values 0 to 90
	//   mask: 1 of 4 pixels white
}

func ExampleResidual() {
	t := &lr.Trace{Method: "AltProj"}
	for k, r := range []float64{1, 0.1, 0.01} {
		t.Rows = append(t.Rows, lr.Row{Iter: k, Residual: r})
	}
	fmt.Println(show.Lines{Title: "Splitting", YLabel: "residual", Series: []show.Series{show.Residual("AltProj", t)}})
	// Output:
	// Splitting
	//   x: iteration; y: residual (logarithmic)
	//   AltProj: 1 at 0, 0.01 at 2, 3 points
}

func ExampleFigure_Save() {
	dir, err := os.MkdirTemp("", "show")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	f := show.Panels(show.Curves(run(0.1)), show.Curves(run(0.2)))
	fmt.Println(f.Save(filepath.Join(dir, "figure.pdf")))
	fmt.Println(f.Save("figure.gif"))
	// Output:
	// <nil>
	// show: saving figure.gif: the extension is ".gif"; .pdf, .svg and .png are accepted
}
