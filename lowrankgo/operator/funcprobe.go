package operator

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// probeTol is the relative error that a user's functions may show.
const probeTol = 1e-8

// probe tries the functions on random factors.
func (o *FuncMap) probe() error {
	rng := lr.Stream(1, "probe")
	x, y := lr.NormalMatrix(rng, o.f.D1, 2), lr.NormalMatrix(rng, o.f.D2, 2)
	if err := o.probeLinear(x, y); err != nil {
		return err
	}
	w := lr.NormalMatrix(rng, 1, o.f.M).RawRowView(0)
	if err := o.probeAdjoint(x, y, w); err != nil {
		return err
	}
	return o.probeDense(x, y, w)
}

// probeLinear compares 𝒜(X) with the sum over the columns of the factors, of
// which the second goes in as −2·u₂v₂ᵀ.
func (o *FuncMap) probeLinear(x, y *mat.Dense) error {
	e := o.NewEval()
	whole, sum, part := make([]float64, o.f.M), make([]float64, o.f.M), make([]float64, o.f.M)
	e.Apply(whole, x, y, nil)
	for k, c := range []float64{1, -2} {
		u := mat.DenseCopyOf(x.Slice(0, o.f.D1, k, k+1))
		u.Scale(c, u)
		e.Apply(part, u, mat.DenseCopyOf(y.Slice(0, o.f.D2, k, k+1)), nil)
		for i, v := range part {
			sum[i] += v / c
		}
	}
	if i, same := firstGap(whole, sum); !same {
		return fmt.Errorf("operator: %s is not linear: measurement %d of u₁v₁ᵀ + u₂v₂ᵀ is %g, of the two terms together %g: %w", o.f.Name, i, whole[i], sum[i], lr.ErrValue)
	}
	return nil
}

// probeAdjoint compares ⟨𝒜(XYᵀ), w⟩ with ⟨X, GY⟩ and ⟨Y, GᵀX⟩, G = 𝒜*(w).
func (o *FuncMap) probeAdjoint(x, y *mat.Dense, w []float64) error {
	e, ax := o.NewEval(), make([]float64, o.f.M)
	e.Apply(ax, x, y, nil)
	e.Adjoint(w)
	gy, gx := mat.DenseCopyOf(x), mat.DenseCopyOf(y)
	e.Mul(gy, 0, false, y)
	e.Mul(gx, 0, true, x)
	want, left, right := inner(ax, w), inner(numbers(x), numbers(gy)), inner(numbers(y), numbers(gx))
	size := norm(ax)*norm(w) + norm(numbers(x))*norm(numbers(gy))
	if !(math.Abs(left-want) <= probeTol*size) {
		return fmt.Errorf("operator: %s: ⟨𝒜(UVᵀ), w⟩ = %g but ⟨U, 𝒜*(w)V⟩ = %g; they must be equal for an adjoint: %w", o.f.Name, want, left, lr.ErrValue)
	}
	if !(math.Abs(right-want) <= probeTol*size) {
		return fmt.Errorf("operator: %s: ⟨𝒜(UVᵀ), w⟩ = %g but ⟨V, 𝒜*(w)ᵀU⟩ = %g; MulAdjoint must give 𝒜*(w)ᵀz when trans: %w", o.f.Name, want, right, lr.ErrValue)
	}
	return nil
}

// probeDense compares functions on dense matrices with those on thin ones,
// where there are both.
func (o *FuncMap) probeDense(x, y *mat.Dense, w []float64) error {
	f := o.f
	if f.Apply != nil && f.ApplyFactors != nil {
		var m mat.Dense
		m.Mul(x, y.T())
		a, b := make([]float64, f.M), make([]float64, f.M)
		f.Apply(a, &m)
		f.ApplyFactors(b, x, y)
		if i, same := firstGap(a, b); !same {
			return fmt.Errorf("operator: %s: measurement %d is %g by Apply and %g by ApplyFactors; they must be equal: %w", f.Name, i, a[i], b[i], lr.ErrValue)
		}
	}
	if f.Adjoint != nil && f.MulAdjoint != nil {
		g, gy := mat.NewDense(f.D1, f.D2, nil), mat.DenseCopyOf(x)
		f.Adjoint(g, w)
		f.MulAdjoint(gy, false, w, y)
		var want mat.Dense
		want.Mul(g, y)
		if i, same := firstGap(numbers(gy), numbers(&want)); !same {
			return fmt.Errorf("operator: %s: entry (%d, %d) of 𝒜*(w)V is %g by MulAdjoint and %g by Adjoint; they must be equal: %w", f.Name, i/2, i%2, numbers(gy)[i], numbers(&want)[i], lr.ErrValue)
		}
	}
	return nil
}

// firstGap finds where a and b differ, or are not finite.
func firstGap(a, b []float64) (at int, same bool) {
	for i := range a {
		if s := a[i] + b[i]; math.IsNaN(s) || math.IsInf(s, 0) {
			return i, false
		}
	}
	tol := probeTol * (norm(a) + norm(b))
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= tol) {
			return i, false
		}
	}
	return 0, true
}

// guarded turns a panic of the user's functions into an error.
func guarded(name string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("operator: a function of %s panicked when it was tried: %v: %w", name, p, lr.ErrValue)
		}
	}()
	return f()
}

// numbers are those of a matrix that is not part of a larger one.
func numbers(m *mat.Dense) []float64 { return m.RawMatrix().Data }

func inner(a, b []float64) (s float64) {
	for i, v := range a {
		s += float64(v * b[i])
	}
	return s
}

func norm(a []float64) float64 { return math.Sqrt(inner(a, a)) }
