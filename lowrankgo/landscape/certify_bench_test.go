package landscape_test

import (
	"context"
	"testing"
	"time"

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

// BenchmarkGradient is what BenchmarkCertify is measured by.
func BenchmarkGradient(b *testing.B) {
	p, x, y := benchProblem(b)
	g, e := lr.NewPoint(p), p.NewEval()
	for b.Loop() {
		x, y = y, x
		e.Grad(g, x)
	}
}

// BenchmarkCertify reports the Hessian products spent, and the time in gradients
// taken before and after: at most 160 are wanted.
func BenchmarkCertify(b *testing.B) {
	p, solution, saddle := benchProblem(b)
	g, e := lr.NewPoint(p), p.NewEval()
	gradients := func() time.Duration {
		begin := time.Now()
		for range 100 {
			e.Grad(g, solution)
			e.Grad(g, saddle)
		}
		return time.Since(begin) / 200
	}
	hard := near(solution, solution.Norm()/10, 1)
	for _, v := range []struct {
		name string
		x    *lr.Factors
	}{{"solution", solution}, {"saddle", saddle}, {"large gradient", hard}} {
		b.Run(v.name, func(b *testing.B) {
			before := gradients()
			var c *landscape.Certificate
			for b.Loop() {
				var err error
				if c, err = landscape.Certify(context.Background(), p, v.x, nil); err != nil {
					b.Fatal(err)
				}
			}
			per := b.Elapsed().Seconds() / float64(b.N)
			b.ReportMetric(float64(c.Curvature.Products), "products")
			b.ReportMetric(2*per/(before+gradients()).Seconds(), "gradients")
		})
	}
}
