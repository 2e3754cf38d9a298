package operator

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// RankOne is the map of m sensing matrices of rank one,
//
//	𝒜(M)ᵢ = aᵢᵀ M bᵢ = ⟨aᵢbᵢᵀ, M⟩,  i = 1 … m
//
// or aᵢᵀ M aᵢ: phase retrieval and covariance sketching (Cai and Zhang 2015,
// arXiv:1310.5791; Chen, Chi and Goldsmith 2015, arXiv:1310.0807). It stores m·(d1+d2)
// numbers of 8 bytes, or m·d when bᵢ = aᵢ. No d1×d2 matrix is formed: applying
// 𝒜 to factors of k columns costs 2m(d1+d2)k flops, and so does a product with
// 𝒜*(w); on dense matrices each costs 2m·d1·d2.
type RankOne struct {
	d1, d2, m int
	a, b      []float64 // row i of a is aᵢ, of b bᵢ; b is a when they are equal
	symmetric bool
}

// NewRankOne makes the map from the rows aᵢ of a, m×d1, and the rows bᵢ of b,
// m×d2, or with bᵢ = aᵢ when b is nil. The numbers are copied. No rows, another
// number of rows in b, and values that are not finite are errors.
func NewRankOne(a, b mat.Matrix) (*RankOne, error) {
	if noMatrix(a) {
		return nil, fmt.Errorf("operator: NewRankOne was given no a; an m×d1 matrix with the rows aᵢ is wanted: %w", lr.ErrEmpty)
	}
	m, d1 := a.Dims()
	r := &RankOne{d1: d1, d2: d1, m: m, symmetric: noMatrix(b)}
	if !r.symmetric {
		var mb int
		if mb, r.d2 = b.Dims(); mb != m {
			return nil, fmt.Errorf("operator: NewRankOne was given %d rows aᵢ and %d rows bᵢ; they must be as many: %w", m, mb, lr.ErrShape)
		}
	}
	if err := checkSizes(r.d1, r.d2, 1); err != nil {
		return nil, err
	}
	if err := checkSizes(1, max(r.d1, r.d2), m); err != nil {
		return nil, err
	}
	var err error
	if r.a, err = copyFinite("a", a); err != nil {
		return nil, err
	}
	r.b = r.a
	if !r.symmetric {
		r.b, err = copyFinite("b", b)
	}
	return r, err
}

// RankOneEnsemble draws the vectors of a [RankOne] map with independent N(0, 1)
// entries. With aᵢ and bᵢ independent, the mean of 𝒜*𝒜/m is the identity. When
// Symmetric, bᵢ = aᵢ and for symmetric M the mean of ‖𝒜(M)‖²/m is
// 2‖M‖F² + (tr M)²: such a map is no restricted isometry.
type RankOneEnsemble struct {
	D1, D2    int    // shape of the matrices; D2 may be 0 when Symmetric
	M         int    // number of measurements
	Seed      uint64 // of the vectors
	Symmetric bool   // bᵢ = aᵢ; the shape must be square
}

// New draws the map; each vector has its own random stream, so that the first
// ones are the same for every M. Sizes below 1, a symmetric shape that is not
// square, and sizes that overflow are errors.
func (g RankOneEnsemble) New() (*RankOne, error) {
	if g.Symmetric && g.D2 == 0 {
		g.D2 = g.D1
	}
	if g.Symmetric && g.D1 != g.D2 {
		return nil, fmt.Errorf("operator: RankOneEnsemble is Symmetric but has shape %d×%d; D1 = D2 is wanted, or D2 = 0: %w", g.D1, g.D2, lr.ErrShape)
	}
	if err := checkSizes(g.D1, g.D2, 1); err != nil {
		return nil, err
	}
	if err := checkSizes(1, max(g.D1, g.D2), g.M); err != nil {
		return nil, err
	}
	r := &RankOne{d1: g.D1, d2: g.D2, m: g.M, symmetric: g.Symmetric}
	r.a = normalRows(g.Seed, "rank-one left", g.M, g.D1)
	r.b = r.a
	if !g.Symmetric {
		r.b = normalRows(g.Seed, "rank-one right", g.M, g.D2)
	}
	return r, nil
}

// normalRows draws row i of an m×d matrix from stream i.
func normalRows(seed uint64, name string, m, d int) []float64 {
	rng, data := newSeries(seed, name), make([]float64, m*d)
	for i := range m {
		normals := rng.at(uint64(i))
		for j := range d {
			data[i*d+j] = normals.NormFloat64()
		}
	}
	return data
}

// Dims returns the shape of matrices and the number of measurements.
func (r *RankOne) Dims() (d1, d2, m int) { return r.d1, r.d2, r.m }

// Vectors returns copies of aᵢ and bᵢ, i counted from 0.
func (r *RankOne) Vectors(i int) (a, b []float64) {
	return append([]float64(nil), r.left(i)...), append([]float64(nil), r.right(i)...)
}

func (r *RankOne) left(i int) []float64  { return r.a[i*r.d1 : (i+1)*r.d1] }
func (r *RankOne) right(i int) []float64 { return r.b[i*r.d2 : (i+1)*r.d2] }

// Bytes returns how much memory the vectors take.
func (r *RankOne) Bytes() int {
	if r.symmetric {
		return 8 * len(r.a)
	}
	return 8 * (len(r.a) + len(r.b))
}

func (r *RankOne) String() string {
	kind := "abᵀ"
	if r.symmetric {
		kind = "aaᵀ"
	}
	return fmt.Sprintf("RankOne(%d measurements %s of %d×%d)", r.m, kind, r.d1, r.d2)
}
