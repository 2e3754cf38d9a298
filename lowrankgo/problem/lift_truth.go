package problem

import (
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// balancedSVD returns M = UVᵀ of x in balanced factors U = XD^½, V = YD^½ with
// the singular values D, descending, as many columns as x may have rank. It
// takes the SVD of each factor and of the small matrix between, so M is never
// formed: cost (d1+d2)r². The singular values are NaN if an SVD fails.
func balancedSVD(x *lr.Factors) (u *mat.Dense, sigma []float64, v *mat.Dense) {
	pu, ru := thin(x.U)
	pv, rv := thin(x.Right())
	var core mat.Dense
	core.Mul(ru, rv.T())
	var svd mat.SVD
	if pu == nil || pv == nil || !svd.Factorize(&core, mat.SVDThin) {
		return nanFactor(x.U), []float64{math.NaN()}, nanFactor(x.Right())
	}
	sigma = svd.Values(nil)
	var a, b mat.Dense
	svd.UTo(&a)
	svd.VTo(&b)
	u, v = new(mat.Dense), new(mat.Dense)
	u.Mul(pu, &a)
	v.Mul(pv, &b)
	for k, s := range sigma {
		linalg.ScaleColumn(u, k, math.Sqrt(s))
		linalg.ScaleColumn(v, k, math.Sqrt(s))
	}
	return u, sigma, v
}

// thin returns A = P·R with orthonormal columns in P, nil if the SVD fails.
func thin(a *mat.Dense) (p, r *mat.Dense) {
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		return nil, a
	}
	p = new(mat.Dense)
	svd.UTo(p)
	var q mat.Dense
	svd.VTo(&q)
	for k, s := range svd.Values(nil) {
		linalg.ScaleColumn(&q, k, s)
	}
	return p, mat.DenseCopyOf(q.T())
}

func nanFactor(like *mat.Dense) *mat.Dense {
	d, _ := like.Dims()
	m := mat.NewDense(d, 1, nil)
	for i := range d {
		m.Set(i, 0, math.NaN())
	}
	return m
}
