package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// Factorisation approximates a known matrix by one of low rank,
//
//	½‖UVᵀ − A‖F²   or   ½‖UUᵀ − A‖F²
//
// the symmetric one being [G](13). A need be neither of low rank nor, when
// Symmetric, positive: robust PCA factorises the indefinite M* + S* − S. All
// entries are observed, so this is sensing by the identity.
//
// The global minimisers are known (Eckart, Young 1936): P_r(A), the r largest
// singular triplets, or P_r(A)₊, the r largest positive eigenpairs. That is the
// truth of the problem, so that errors tell the distance to a minimiser, though
// the value there is not 0. It is found by a dense decomposition, which costs
// about min(d1, d2)³ flops times a small number; where r cuts through equal
// values it is one of several.
//
// A gradient costs 6·d1·d2·r flops, a Hessian product 12·d1·d2·r. The problem
// stores d1·d2 numbers, an evaluator as many, and twice that from the first
// Hessian product on.
type Factorisation struct {
	A         mat.Matrix  // d1×d2, symmetric when Symmetric; copied
	Rank      int         // columns of the factors
	Symmetric bool        // M = UUᵀ
	Truth     *lr.Factors // default P_r(A), or P_r(A)₊, where min(d1, d2) ≤ 1000 and it is not 0; else none
}

// maxExact bounds the side of a matrix that is decomposed for its minimiser.
const maxExact = 1000

// New checks the matrix and returns the problem. No matrix, entries that are
// not finite, an A that is not symmetric (to 1e-12 of its largest entry) when
// Symmetric, and a rank outside 1 … min(d1, d2) are errors.
func (f Factorisation) New() (*Quadratic, error) {
	const name = "Factorisation"
	if isNilMatrix(f.A) {
		return nil, fmt.Errorf("problem: %s has no A (it is nil); a d1×d2 matrix is wanted: %w", name, lr.ErrEmpty)
	}
	d1, d2 := f.A.Dims()
	if err := checkRank(name, d1, d2, f.Rank, f.Symmetric); err != nil {
		return nil, err
	}
	a, err := finiteCopy(name, f.A)
	if err != nil {
		return nil, err
	}
	if f.Symmetric {
		if err := checkSymmetric(name, a); err != nil {
			return nil, err
		}
	}
	if f.Truth == nil && min(d1, d2) <= maxExact {
		f.Truth = minimiser(a, f.Rank, f.Symmetric)
	}
	eye, err := operator.NewIdentity(d1, d2)
	if err != nil {
		return nil, err
	}
	return newQuadratic(name, eye, a.RawMatrix().Data, f.Rank, 1, f.Symmetric, f.Truth)
}

func finiteCopy(name string, m mat.Matrix) (*mat.Dense, error) {
	a := mat.DenseCopyOf(m)
	d1, d2 := a.Dims()
	for i := range d1 {
		for j := range d2 {
			if v := a.At(i, j); !finite(v) {
				return nil, fmt.Errorf("problem: entry (%d, %d) of %s is %v; every entry must be finite (Completion leaves entries out): %w", i, j, name, v, lr.ErrValue)
			}
		}
	}
	return a, nil
}

func checkSymmetric(name string, a *mat.Dense) error {
	var size float64
	for _, v := range a.RawMatrix().Data {
		size = math.Max(size, math.Abs(v))
	}
	d, _ := a.Dims()
	for i := range d {
		for j := range i {
			if v, w := a.At(i, j), a.At(j, i); math.Abs(v-w) > 1e-12*size {
				return fmt.Errorf("problem: %s is symmetric but A(%d, %d) = %v and A(%d, %d) = %v; a symmetric A is wanted (take ½(A + Aᵀ)): %w", name, i, j, v, j, i, w, lr.ErrValue)
			}
		}
	}
	return nil
}

// minimiser is P_r(A), or P_r(A)₊ when symmetric; nil when that is 0.
func minimiser(a *mat.Dense, r int, symmetric bool) *lr.Factors {
	if symmetric {
		return topEigen(a, r)
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		return nil
	}
	sigma := svd.Values(nil)
	for r > 0 && sigma[r-1] == 0 {
		r--
	}
	if r == 0 {
		return nil
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	d1, d2 := a.Dims()
	t := lr.NewFactors(d1, d2, r)
	for k := range r {
		rootColumn(t.U, k, &u, k, sigma[k])
		rootColumn(t.V, k, &v, k, sigma[k])
	}
	return t
}

func topEigen(a *mat.Dense, r int) *lr.Factors {
	d, _ := a.Dims()
	s := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			s.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(s, true) {
		return nil
	}
	values := eig.Values(nil) // ascending
	for r > 0 && !(values[d-r] > 0) {
		r--
	}
	if r == 0 {
		return nil
	}
	var q mat.Dense
	eig.VectorsTo(&q)
	t := lr.NewSymmetric(d, r)
	for k := range r {
		rootColumn(t.U, k, &q, d-1-k, values[d-1-k])
	}
	return t
}

// rootColumn sets column k of dst to √s times column from of src.
func rootColumn(dst *mat.Dense, k int, src *mat.Dense, from int, s float64) {
	for i := range dst.RawMatrix().Rows {
		dst.Set(i, k, math.Sqrt(s)*src.At(i, from))
	}
}
