package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// hasCurvature reports whether p says what ∇²f(X) is, and has what it is held
// against.
func (s problemSuite) hasCurvature() bool {
	_, err := lr.CurvatureOf(s.p, s.at("x", 1))
	plain, _ := s.plain()
	_, hess := lr.HessVecOf(plain)
	_, mul := lr.MulGradOf(plain)
	return err == nil && hess && mul
}

// curvature holds D:∇²f(X):D for D = dU·Vᵀ + U·dVᵀ against the Hessian product of
// f(UVᵀ) along (dU, dV), which has 2⟨∇f(X), dU·dVᵀ⟩ beside it.
func (s problemSuite) curvature(t *testing.T) {
	plain, _ := s.plain()
	hess, _ := lr.HessVecOf(plain)
	mul, _ := lr.MulGradOf(plain)
	for where, x := range s.points() {
		d, hd := s.at("curvature d", 1), nans(s.p)
		hess.HessVec(hd, x, d)
		gd := mat.DenseCopyOf(x.U)
		mul.MulGrad(gd, false, x, d.Right())
		whole, second := hd.Dot(d), 2*inner(flat(nil, gd), flat(nil, d.U))

		var left, right, wideU, wideV mat.Dense
		left.Augment(d.U, x.U)
		right.Augment(x.Right(), d.Right())
		r1, _ := x.U.Dims()
		wideU.Augment(x.U, mat.NewDense(r1, 1, nil)) // X by factors of one column more
		wideV.Augment(x.Right(), mat.DenseCopyOf(d.Right().Slice(0, d.Right().RawMatrix().Rows, 0, 1)))
		for name, at := range map[string]*lr.Factors{"": x.Clone(), ", by wider factors": {U: &wideU, V: &wideV}} {
			h, err := lr.CurvatureOf(s.p, at)
			if err != nil {
				t.Fatalf("at %s%s: %v", where, name, err)
			}
			at.U.Zero() // the form has its own copy
			got := h.NewEval().Apply(&left, &right)
			if size := math.Abs(whole) + math.Abs(second) + math.Abs(got); !(math.Abs(got-(whole-second)) <= 1e-10*size) {
				t.Errorf("at %s%s: D:∇²f:D is %.17g, the Hessian product has %.17g; want equal to 1e-10 of %.3g", where, name, got, whole-second, size)
			}
		}
	}
}
