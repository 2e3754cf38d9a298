package landscape_test

import (
	"context"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// benchProblem is completion of 1000×1000 of rank 10, with its solution, and with
// a point that is critical up to 1e-8: 0 with some noise.
func benchProblem(tb testing.TB) (p *problem.Quadratic, solution, saddle *lr.Factors) {
	tb.Helper()
	p, err := problem.RandomCompletion{D1: 1000, D2: 1000, Rank: 10, P: 0.2, Seed: 1}.New()
	if err != nil {
		tb.Fatal(err)
	}
	solution, _ = lr.TruthOf(p)
	saddle = &lr.Factors{
		U: lr.NormalMatrix(lr.Stream(1, "noise U"), 1000, 10),
		V: lr.NormalMatrix(lr.Stream(1, "noise V"), 1000, 10),
	}
	saddle.Scale(1e-9)
	return p, solution, saddle
}

// BenchmarkGradient is what BenchmarkCertify is measured by: at most 160 of it.
func BenchmarkGradient(b *testing.B) {
	p, x, y := benchProblem(b)
	g, e := lr.NewPoint(p), p.NewEval()
	for b.Loop() {
		x, y = y, x
		e.Grad(g, x)
	}
}

// BenchmarkCertify reports the Hessian products spent beside the time.
func BenchmarkCertify(b *testing.B) {
	p, solution, saddle := benchProblem(b)
	for name, x := range map[string]*lr.Factors{"solution": solution, "saddle": saddle} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c, err := landscape.Certify(context.Background(), p, x, nil)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(c.Curvature.Products), "products")
			}
		})
	}
}
