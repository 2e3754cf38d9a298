package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Coherence is how evenly the singular vectors of a matrix are spread over its
// rows and columns, [G] Def 4.
type Coherence struct {
	Mu          float64   // the least μ of Def 4: the larger of Left and Right
	Left, Right float64   // (d1/r)·max‖eᵢᵀX‖² and (d2/r)·max‖eⱼᵀY‖²
	Rank        int       // r
	Sigma       []float64 // σ₁ ≥ … ≥ σᵣ
	// Unique is false when σᵣ = σᵣ₊₁, to 10⁻¹²: then X and Y are one choice of
	// several.
	Unique bool
	// Largest is max|Mᵢⱼ|, at most Bound = μrσ₁/√(d1d2) when M has rank r; NaN for
	// factors, whose entries are not formed.
	Largest, Bound float64
}

// Incoherence returns the least μ for which M is μ-incoherent, [G] Def 4
// (arXiv:1704.00708): with the SVD M ≈ XDYᵀ of rank r,
//
//	‖eᵢᵀX‖ ≤ √(μr/d1),  ‖eⱼᵀY‖ ≤ √(μr/d2)
//
// for all i and j. It lies between 1 and max(d1, d2)/r: a μ near 1 says that every
// row and column tells about as much of M as any other, which completion needs
// and sensing does not.
//
// A rank of 0 stands for the numerical rank of M, of singular values above
// 10⁻¹²σ₁. Of a matrix of higher rank the best approximation of rank r is looked
// at. For M given as *[lowrankgo.Factors] it costs O((d1+d2)r²) and M is not
// formed; else it is the SVD of a dense d1×d2 matrix.
//
// Errors: no entries or a shape that is not whole ([lowrankgo.ErrShape]),
// entries that are not finite ([lowrankgo.ErrValue]), a rank outside
// 0 … min(d1, d2), above that of M, or M = 0 ([lowrankgo.ErrRank]).
func Incoherence(m mat.Matrix, rank int) (*Coherence, error) {
	var s *svd
	var err error
	out, scale := &Coherence{Largest: math.NaN()}, 1.0
	if f, ok := m.(*lr.Factors); ok {
		s, scale, err = svdOfFactors(f)
	} else {
		s, out.Largest, err = svdOfMatrix(m)
	}
	if err != nil {
		return nil, err
	}
	out.Rank = rank
	if err := out.chooseRank(s); err != nil {
		return nil, err
	}
	for k := range out.Sigma {
		out.Sigma[k] *= scale
	}
	d1, d2 := m.Dims()
	r := out.Rank
	out.Left, out.Right = lineWeight(s.u, r), lineWeight(s.v, r)
	out.Mu = math.Max(out.Left, out.Right)
	out.Bound = out.Mu * float64(r) * out.Sigma[0] / math.Sqrt(float64(d1)*float64(d2))
	return out, nil
}

// svdOfFactors is the SVD of M = UVᵀ, thin in the columns of the factors, and what
// its singular values are to be multiplied by.
func svdOfFactors(f *lr.Factors) (*svd, float64, error) {
	if err := f.Check(); err != nil {
		return nil, 0, fmt.Errorf("landscape: Incoherence: %w", err)
	}
	most := largestEntry(f)
	if most == 0 {
		return &svd{}, 0, nil
	}
	f = f.Clone()
	f.Scale(1 / most) // so that nothing overflows
	t, err := decompose(f)
	if err != nil {
		return nil, 0, err
	}
	if t.y == nil {
		t.y = t.x
	}
	return &svd{u: t.x, v: t.y, s: t.sigma}, most * most, nil
}

// svdOfMatrix is the SVD of any matrix, and its largest entry.
func svdOfMatrix(m mat.Matrix) (*svd, float64, error) {
	if m == nil {
		return nil, 0, fmt.Errorf("landscape: Incoherence: there is no matrix (it is nil): %w", lr.ErrEmpty)
	}
	d1, d2 := m.Dims()
	if d1 < 1 || d2 < 1 {
		return nil, 0, fmt.Errorf("landscape: Incoherence: the matrix is %d×%d; both sizes must be at least 1: %w", d1, d2, lr.ErrShape)
	}
	a := mat.DenseCopyOf(m)
	var most float64
	for i := range d1 {
		for j, v := range a.RawRowView(i) {
			if v-v != 0 {
				return nil, 0, fmt.Errorf("landscape: Incoherence: entry (%d, %d) is %v; every entry must be finite: %w", i, j, v, lr.ErrValue)
			}
			most = math.Max(most, math.Abs(v))
		}
	}
	s, err := thinSVD(a)
	return s, most, err
}

// chooseRank checks the rank or finds it, and notes what of Σ belongs to it.
func (c *Coherence) chooseRank(s *svd) error {
	n := 0
	for n < len(s.s) && s.s[n] > 1e-12*s.s[0] {
		n++
	}
	if n == 0 {
		return fmt.Errorf("landscape: Incoherence: the matrix is 0, which has no singular vectors: %w", lr.ErrRank)
	}
	if c.Rank == 0 {
		c.Rank = n
	}
	if c.Rank < 1 || c.Rank > n {
		return fmt.Errorf("landscape: Incoherence: rank %d of a matrix of numerical rank %d; 1 ≤ rank ≤ %d is wanted, or 0 for all of it: %w", c.Rank, n, n, lr.ErrRank)
	}
	c.Sigma = append([]float64(nil), s.s[:c.Rank]...)
	c.Unique = c.Rank == len(s.s) || s.s[c.Rank-1]-s.s[c.Rank] > 1e-12*s.s[0]
	return nil
}

func (c *Coherence) String() string {
	return fmt.Sprintf("incoherence μ = %.4g at rank %d (rows %.4g, columns %.4g)", c.Mu, c.Rank, c.Left, c.Right)
}
