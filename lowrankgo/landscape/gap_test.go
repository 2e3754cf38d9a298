package landscape

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// gapCase is one case of testdata/gap.json, whose values were made with NumPy
// and an exact solver, independently of the library.
type gapCase struct {
	Name, Objective string
	As              [][][]float64
	B               []float64
	Mask, Mstar, X  [][]float64
	P, Tau, Bound   float64
	FX              float64 `json:"f_X"`
	XNuclear        float64 `json:"X_nuclear_norm"`
	TrueGap         float64 `json:"true_gap"`
}

func (c gapCase) problem(t *testing.T) lr.Problem {
	t.Helper()
	d1, d2 := len(c.X), len(c.X[0])
	r := min(d1, d2)
	var p lr.Problem
	var err error
	switch c.Objective {
	case "sensing":
		as := mat.NewDense(len(c.As), d1*d2, nil)
		for i, a := range c.As {
			as.SetRow(i, gapMatrix(a).RawMatrix().Data)
		}
		var op *operator.Gaussian
		op, err = operator.NewDense(d1, d2, as)
		if err == nil {
			p, err = problem.Sensing{Operator: op, B: c.B, Rank: r, Scale: problem.ScaleMean}.New()
		}
	case "completion":
		var rows, cols []int
		var values []float64
		for i, row := range c.Mask {
			for j, seen := range row {
				if seen != 0 {
					rows, cols, values = append(rows, i), append(cols, j), append(values, c.Mstar[i][j])
				}
			}
		}
		p, err = problem.Completion{D1: d1, D2: d2, Rank: r, Rows: rows, Cols: cols, Values: values, P: c.P}.New()
	default:
		p, err = problem.Factorisation{A: gapMatrix(c.Mstar), Rank: r}.New()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func gapMatrix(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

// gapFactors is M in factors of rank min(d1, d2).
func gapFactors(m *mat.Dense) *lr.Factors {
	d1, d2 := m.Dims()
	x := lr.NewFactors(d1, d2, min(d1, d2))
	if d1 >= d2 {
		x.U.Copy(m)
		for i := range d2 {
			x.V.Set(i, i, 1)
		}
		return x
	}
	x.V.Copy(m.T())
	for i := range d1 {
		x.U.Set(i, i, 1)
	}
	return x
}

func gapNear(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*(1+math.Abs(want))) {
		t.Errorf("%s is %.17g, want %.17g", what, got, want)
	}
}

func TestNuclearGapVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/gap.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []gapCase }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Cases) != 6 {
		t.Fatalf("%d cases, want 6", len(all.Cases))
	}
	for _, c := range all.Cases {
		t.Run(c.Name, func(t *testing.T) {
			p, x := c.problem(t), gapFactors(gapMatrix(c.X))
			gapNear(t, "f(X)", p.NewEval().Grad(nil, x), c.FX, 1e-10)
			g, err := NuclearGap(context.Background(), p, x, 1)
			if err != nil {
				t.Fatal(err)
			}
			gapNear(t, "‖X‖₊", g.Nuclear, c.XNuclear, 1e-10)
			gapNear(t, "the bound", g.At(c.Tau), c.Bound, 1e-10)
			if !g.Exact || g.Failure != 0 {
				t.Errorf("a small gradient's norm: exact %t, failure %g", g.Exact, g.Failure)
			}
			for _, more := range []float64{1, 1.5, 10} {
				if b := g.At(more * c.Tau); b < c.TrueGap-1e-10 {
					t.Errorf("at %g·τ the bound %g is below the true gap %g", more, b, c.TrueGap)
				}
			}
		})
	}
}
