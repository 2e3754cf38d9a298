package linalg

import (
	"math"
	"math/rand/v2"
	"sort"

	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// Mul sets dst = A·z, or Aᵀ·z when trans, for a matrix A known by its products.
type Mul func(dst *mat.Dense, trans bool, z *mat.Dense)

const oversample = 8 // columns of the sketch beyond the rank

// RandomSVD returns the r largest singular triplets of a d1×d2 matrix, by
// subspace iteration from a random sketch (Halko, Martinsson, Tropp 2011,
// arXiv:0909.4061, algorithms 4.4 and 5.1). It costs 2·power+2 products with
// r+8 columns.
func RandomSVD(mul Mul, d1, d2, r, power int, rng *rand.Rand) (u *mat.Dense, sigma []float64, v *mat.Dense) {
	k := min(r+oversample, d1, d2)
	right := normal(rng, d2, k)
	left := mat.NewDense(d1, k, nil)
	mul(left, false, right)
	Orthonormalise(left)
	for range power {
		mul(right, true, left)
		Orthonormalise(right)
		mul(left, false, right)
		Orthonormalise(left)
	}
	mul(right, true, left) // Aᵀ ≈ right·leftᵀ
	var svd mat.SVD
	if !svd.Factorize(right, mat.SVDThin) {
		return filled(d1, r, math.NaN()), nanSlice(r), filled(d2, r, math.NaN())
	}
	var rv, lv mat.Dense
	svd.UTo(&rv)
	svd.VTo(&lv)
	u, v = mat.NewDense(d1, r, nil), mat.NewDense(d2, r, nil)
	u.Mul(left, lv.Slice(0, k, 0, r))
	v.Copy(rv.Slice(0, d2, 0, r))
	return u, svd.Values(nil)[:r], v
}

// RandomEigen returns the r algebraically largest eigenpairs of a symmetric d×d
// matrix, by the same subspace iteration. The sketch has twice the rank, since
// eigenvalues of large size and negative sign take columns too.
func RandomEigen(mul Mul, d, r, power int, rng *rand.Rand) (*mat.Dense, []float64) {
	k := min(2*r+oversample, d)
	q, next := normal(rng, d, k), mat.NewDense(d, k, nil)
	for range power + 1 {
		mul(next, false, q)
		q, next = next, q
		Orthonormalise(q)
	}
	mul(next, false, q)
	var small mat.Dense
	small.Mul(q.T(), next)
	sym := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			sym.SetSym(i, j, (small.At(i, j)+small.At(j, i))/2)
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, true) {
		return filled(d, r, math.NaN()), nanSlice(r)
	}
	values := eig.Values(nil) // ascending
	order := make([]int, k)
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return values[order[a]] > values[order[b]] })
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	picked, lambda := mat.NewDense(k, r, nil), make([]float64, r)
	for c := range r {
		lambda[c] = values[order[c]]
		for i := range k {
			picked.Set(i, c, vectors.At(i, order[c]))
		}
	}
	out := mat.NewDense(d, r, nil)
	out.Mul(q, picked)
	return out, lambda
}

func normal(rng *rand.Rand, rows, cols int) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	for i := range rows {
		row := m.RawRowView(i)
		for j := range row {
			row[j] = rng.NormFloat64()
		}
	}
	return m
}

// Orthonormalise replaces the columns of a, no more than its rows, by an
// orthonormal basis of their span, filled up where they are dependent. Cost
// 4dk² flops; it stores nothing of size d×d.
func Orthonormalise(a *mat.Dense) {
	raw := a.RawMatrix()
	tau := make([]float64, raw.Cols)
	work := make([]float64, 1)
	lapack64.Geqrf(raw, tau, work, -1)
	n := work[0]
	lapack64.Orgqr(raw, tau, work, -1)
	work = make([]float64, int(max(n, work[0])))
	lapack64.Geqrf(raw, tau, work, len(work))
	lapack64.Orgqr(raw, tau, work, len(work))
}

func filled(r, c int, v float64) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	for i := range r {
		for j := range c {
			m.Set(i, j, v)
		}
	}
	return m
}

func nanSlice(n int) []float64 { return filled(1, n, math.NaN()).RawRowView(0) }
