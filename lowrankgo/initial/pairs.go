package initial

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// pair is a singular value with its vectors, or an eigenvalue with its vector
// in u and no v.
type pair struct {
	value float64
	u, v  []float64
}

// put sets column k of the factors to √value·u and √value·v.
func (p pair) put(x *lr.Factors, k int) {
	root := math.Sqrt(p.value)
	for i, u := range p.u {
		x.U.Set(i, k, root*u)
	}
	for j, v := range p.v {
		x.V.Set(j, k, root*v)
	}
}

// pairsOf returns the positive singular values of a with their vectors, or its
// positive eigenvalues, the largest first.
func pairsOf(a *mat.Dense, symmetric bool) ([]pair, error) {
	pairs, aligned := axisPairs(a, symmetric)
	if !aligned {
		var err error
		if pairs, err = densePairs(a, symmetric); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(pairs, func(p, q pair) int { return cmp.Compare(q.value, p.value) })
	return pairs, nil
}

// axisPairs reads the pairs off a matrix that has at most one entry other than
// 0 in each row and column, or else says false. A symmetric matrix must be
// diagonal.
func axisPairs(a *mat.Dense, symmetric bool) ([]pair, bool) {
	d1, d2 := a.Dims()
	taken := make([]bool, d2)
	var pairs []pair
	for i := range d1 {
		at := -1
		for j, v := range a.RawRowView(i) {
			if v == 0 {
				continue
			}
			if at >= 0 || taken[j] || symmetric && i != j {
				return nil, false
			}
			at, taken[j] = j, true
		}
		if at < 0 {
			continue
		}
		switch v := a.At(i, at); {
		case !symmetric:
			pairs = append(pairs, pair{math.Abs(v), axis(d1, i, 1), axis(d2, at, math.Copysign(1, v))})
		case v > 0:
			pairs = append(pairs, pair{v, axis(d1, i, 1), nil})
		}
	}
	return pairs, true
}

// axis is v·eᵢ.
func axis(n, i int, v float64) []float64 {
	e := make([]float64, n)
	e[i] = v
	return e
}

// densePairs decomposes a; values at the level of rounding count as 0.
func densePairs(a *mat.Dense, symmetric bool) ([]pair, error) {
	values, u, v, ok := decompose(a, symmetric)
	if !ok {
		return nil, fmt.Errorf("initial: the decomposition of the target of Saddle did not converge: %w", lr.ErrValue)
	}
	var largest float64
	for _, s := range values {
		largest = math.Max(largest, math.Abs(s))
	}
	d1, d2 := a.Dims()
	floor := 1e-15 * float64(d1+d2) * largest
	var pairs []pair
	for k, s := range values {
		if s <= floor {
			continue
		}
		p := pair{value: s, u: mat.Col(nil, k, u)}
		if v != nil {
			p.v = mat.Col(nil, k, v)
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

// decompose is the thin singular value decomposition of a, or the eigenvalue
// decomposition with no v.
func decompose(a *mat.Dense, symmetric bool) (values []float64, u, v *mat.Dense, ok bool) {
	u = new(mat.Dense)
	if symmetric {
		var eigen mat.EigenSym
		d, _ := a.Dims()
		if ok = eigen.Factorize(mat.NewSymDense(d, a.RawMatrix().Data), true); ok {
			values = eigen.Values(nil)
			eigen.VectorsTo(u)
		}
		return values, u, nil, ok
	}
	var svd mat.SVD
	if ok = svd.Factorize(a, mat.SVDThin); ok {
		values, v = svd.Values(nil), new(mat.Dense)
		svd.UTo(u)
		svd.VTo(v)
	}
	return values, u, v, ok
}
