package landscape

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/krylov"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
)

// rayleigh is what a search has found of the low end of a spectrum: for the unit
// vector v, value is ⟨v, Av⟩ and residual ‖Av − value·v‖, both of A itself.
type rayleigh struct {
	value, residual float64
	largest         float64 // the largest size of a Ritz value: ‖A‖ is at least this
	vector          []float64
}

// lowest looks for the smallest eigenvalue of the symmetric matrix that mul
// applies, by at most steps steps of Lanczos from start, which it does not
// change; it ends before when the residual is below tol of the largest Ritz
// value.
func lowest(ctx context.Context, mul func(dst, x []float64), start []float64, steps int, tol float64) (*rayleigh, error) {
	n := len(start)
	steps = max(1, min(steps, n))
	l := krylov.NewLanczos(n, steps)
	r := &rayleigh{vector: make([]float64, n)}
	if !l.Start(start) {
		return nil, fmt.Errorf("landscape: an eigenvalue search was given a start that is 0 or not finite: %w", lr.ErrValue)
	}
	for l.Steps() < steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !l.Step(mul) {
			break
		}
		if k := l.Steps(); k%10 == 0 {
			if z := l.Ritz(); z.Residual <= tol*math.Max(math.Abs(z.Low), math.Abs(z.High)) {
				break
			}
		}
	}
	if l.Steps() == 0 {
		return nil, fmt.Errorf("landscape: a product with a second derivative is not finite: %w", lr.ErrValue)
	}
	z := l.Ritz()
	l.Vector(r.vector, z)
	r.largest = math.Max(math.Abs(z.Low), math.Abs(z.High))
	r.confirm(mul)
	return r, nil
}

// confirm sets value and residual of the vector by one more product.
func (r *rayleigh) confirm(mul func(dst, x []float64)) {
	av := make([]float64, len(r.vector))
	mul(av, r.vector)
	r.value = loops.Dot(r.vector, av)
	loops.AddScaled(av, -r.value, r.vector)
	r.residual = math.Sqrt(loops.Dot(av, av))
}
