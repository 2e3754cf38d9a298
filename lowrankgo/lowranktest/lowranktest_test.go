package lowranktest_test

import (
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

func TestGoodImplementationsPass(t *testing.T) {
	p, err := problem.GaussianSensing{D1: 6, D2: 5, Rank: 2, M: 60, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("operator", func(t *testing.T) { lowranktest.TestOperator(t, p.Operator(), nil) })
	t.Run("problem", func(t *testing.T) { lowranktest.TestProblem(t, p) })
	t.Run("method", func(t *testing.T) { lowranktest.TestMethod(t, solver.GD{}, p, x0) })
	t.Run("functions", func(t *testing.T) { lowranktest.TestProblem(t, scalar()) })
}

// scalar is ½(1 − uv)², Example I.1 of [L].
func scalar() lr.Funcs {
	return lr.Funcs{
		Name: "scalar", D1: 1, D2: 1, Rank: 1,
		GradFunc: func(dst, x *lr.Factors) float64 {
			u, v := x.U.At(0, 0), x.V.At(0, 0)
			if dst != nil {
				dst.U.Set(0, 0, -(1-u*v)*v)
				dst.V.Set(0, 0, -(1-u*v)*u)
			}
			return (1 - u*v) * (1 - u*v) / 2
		},
		HessFunc: func(dst, x, d *lr.Factors) {
			u, v := x.U.At(0, 0), x.V.At(0, 0)
			du, dv := d.U.At(0, 0), d.V.At(0, 0)
			dst.U.Set(0, 0, v*v*du+(2*u*v-1)*dv)
			dst.V.Set(0, 0, (2*u*v-1)*du+u*u*dv)
		},
		TruthValue: &lr.Factors{U: mat.NewDense(1, 1, []float64{1}), V: mat.NewDense(1, 1, []float64{1})},
	}
}
