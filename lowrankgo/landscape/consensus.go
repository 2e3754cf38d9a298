package landscape

import (
	"errors"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// Consensus is the distributed objective [L](II.5) (arXiv:2003.10981) over a
// network of J nodes, each with its own copy of U,
//
//	g({Uʲ}, {Vⱼ}) = Σⱼ fⱼ(UʲVⱼᵀ) + Σ_{(i,j)∈G} w_ij ‖Uʲ − Uⁱ‖F²
//
// The paper's G ⊂ [J]×[J] with symmetric w has each edge twice, as (i, j) and as
// (j, i); that is OrderedPairs. The default has each edge once, half of that.
// A point is the list of the Uʲ, d1×r, and that of the Vⱼ, mⱼ×r. mⱼ may be below
// r where a part accepts it.
//
// With noise, or without a common X*, (II.5) has no minimiser: see
// [Consensus.AlongScaling].
type Consensus struct {
	Parts        []lr.Problem // fⱼ: asymmetric problems of d1×mⱼ with the same d1 and rank
	Weights      mat.Matrix   // w, J×J, symmetric and at least 0; 0 is no edge; the diagonal is not read
	OrderedPairs bool         // the sum has each edge twice
}

// ConsensusTerms holds both sides of [L] Lemma III.1 at a point, made by
// [Consensus.Identity].
type ConsensusTerms struct {
	Value        float64 // g of (II.5)
	Disagreement float64 // Σ w_ij‖Uⁱ − Uʲ‖F², each edge once
	Spread       float64 // Σⱼ ‖Uʲ − Ū‖F², Ū the mean: [L]'s consensus error
	GradNorm     float64 // ‖∇g‖F of (II.5)
	Separable    float64 // ‖∇‖F of (II.3), Σⱼ fⱼ(UVⱼᵀ), at (Ū, {Vⱼ})

	GradU, GradV []*mat.Dense // the gradient of (II.5)

	Identity  Check // Σ⟨Uʲ, ∂g/∂Uʲ⟩ − Σ⟨Vⱼ, ∂g/∂Vⱼ⟩ = 2Σ w_ij‖Uⁱ − Uʲ‖²
	Agreement Check // 2Σ w_ij‖Uⁱ − Uʲ‖² ≤ ‖∇g‖·‖({Uʲ}, {Vⱼ})‖: critical ⇒ consensus
	Transfer  Check // ‖∇(II.3)‖ ≤ √J‖∇g‖ where all Uʲ agree: critical ⇒ critical
}

// Identity evaluates [L] Lemma III.1 at any point,
//
//	Σⱼ⟨Uʲ, ∂g/∂Uʲ⟩ − Σⱼ⟨Vⱼ, ∂g/∂Vⱼ⟩ = 2 Σ_{edges} w_ij ‖Uⁱ − Uʲ‖F²
//
// (4 with OrderedPairs), since each fⱼ(UʲVⱼᵀ) gives the two sums the same. So
// the disagreement is at most ‖∇g‖ times the length of the point, and at a
// critical point over a connected network all Uʲ agree. There the point is
// critical for (II.3), since the gradients add up to its; the converse does not
// hold, because (II.5) wants ∇fⱼ(UVⱼᵀ)Vⱼ = 0 for each j and (II.3) for their sum.
//
// The identity needs parts that are functions of UVᵀ alone; with regularisers in
// them it has another term. It costs three gradients of each part and J²d1·r.
// Errors: no parts (lowrankgo.ErrEmpty), shapes of parts, weights and points that
// do not fit (lowrankgo.ErrShape), weights that are negative, not finite or not
// symmetric, points that are not finite (lowrankgo.ErrValue).
func (c Consensus) Identity(us, vs []*mat.Dense) (*ConsensusTerms, error) {
	n, err := c.at(us, vs)
	if err != nil {
		return nil, err
	}
	t := &ConsensusTerms{Disagreement: n.disagreement(us), Spread: spread(us)}
	t.Value, t.GradU, t.GradV = n.gradient(us, vs)
	var left, length, size float64
	for j := range us {
		left += linalg.Dot(us[j], t.GradU[j]) - linalg.Dot(vs[j], t.GradV[j])
		t.GradNorm += sqNorm(t.GradU[j]) + sqNorm(t.GradV[j])
		own := sqNorm(us[j]) + sqNorm(vs[j])
		length += own
		size += 2 * math.Sqrt(own) * gradientSize(c.Parts[j], &lr.Factors{U: us[j], V: vs[j]})
	}
	t.GradNorm, t.Separable = math.Sqrt(t.GradNorm), n.separable(us, vs)
	right := 2 * n.times * t.Disagreement
	t.Identity = Check{
		Item: "[L] Lemma III.1", Claim: fmt.Sprintf("Σ⟨Uʲ,∂g/∂Uʲ⟩ − Σ⟨Vⱼ,∂g/∂Vⱼ⟩ = %gΣw‖Uⁱ−Uʲ‖²", 2*n.times),
		Left: left, Right: right, Scale: size + 2*right, Hypotheses: []Hypothesis{n.bare(us, vs)},
	}
	t.Agreement = Check{
		Item: "[L] Lemma III.1, critical ⇒ consensus", Claim: fmt.Sprintf("%gΣw‖Uⁱ−Uʲ‖² ≤ ‖∇g‖·‖({Uʲ},{Vⱼ})‖", 2*n.times), Relation: AtMost,
		Left: right, Right: t.GradNorm * math.Sqrt(length), Scale: size + 2*right, Hypotheses: []Hypothesis{n.bare(us, vs), n.connected()},
	}
	t.Transfer = Check{
		Item: "[L] Cor III.1, critical ⇒ critical", Claim: "‖∇(II.3)‖ ≤ √J‖∇(II.5)‖", Relation: AtMost,
		Left: t.Separable, Right: math.Sqrt(float64(len(us))) * t.GradNorm, Scale: t.Separable + t.GradNorm + n.gradientScale(us, vs),
		Hypotheses: []Hypothesis{{Name: "U¹ = … = Uᴶ (Σ‖Uʲ − Ū‖²)", Holds: answer(t.Spread <= 1e-24*length), Value: t.Spread}},
	}
	return t, nil
}

// network is a Consensus whose parts have been checked.
type network struct {
	Consensus
	d1, r int
	times float64 // 1, or 2 with each edge twice
}

// at checks the objective and a point.
func (c Consensus) at(us, vs []*mat.Dense) (*network, error) {
	n, err := c.network()
	if err != nil {
		return nil, err
	}
	if len(us) != len(c.Parts) || len(vs) != len(c.Parts) {
		return nil, fmt.Errorf("landscape: Consensus: the point has %d Uʲ and %d Vⱼ for %d parts; one of each for every part is wanted: %w", len(us), len(vs), len(c.Parts), lr.ErrShape)
	}
	for j, p := range c.Parts {
		if err := lr.CheckPoint(p, &lr.Factors{U: us[j], V: vs[j]}); err != nil {
			return nil, fmt.Errorf("landscape: Consensus: node %d: %w", j, err)
		}
	}
	return n, nil
}

// network checks parts and weights.
func (c Consensus) network() (*network, error) {
	n := &network{Consensus: c, times: 1}
	if c.OrderedPairs {
		n.times = 2
	}
	if len(c.Parts) == 0 {
		return nil, fmt.Errorf("landscape: Consensus has no Parts; at least one is wanted: %w", lr.ErrEmpty)
	}
	for j, p := range c.Parts {
		if err := lr.CheckProblem(p); err != nil && !narrow(p, err) {
			return nil, fmt.Errorf("landscape: Consensus: part %d: %w", j, err)
		}
		d1, m, r := p.Dims()
		if j == 0 {
			n.d1, n.r = d1, r
		}
		if lr.SymmetricOf(p) || d1 != n.d1 || r != n.r {
			return nil, fmt.Errorf("landscape: Consensus: part %d is %d×%d with rank %d, symmetric %t; an asymmetric problem of %d rows and rank %d, as part 0, is wanted: %w", j, d1, m, r, lr.SymmetricOf(p), n.d1, n.r, lr.ErrShape)
		}
	}
	return n, n.checkWeights()
}

// narrow reports whether err says only that p has fewer columns than its rank,
// which a node of a network may.
func narrow(p lr.Problem, err error) bool {
	if !errors.Is(err, lr.ErrRank) {
		return false
	}
	d1, m, r := p.Dims()
	return r >= 1 && r <= d1 && m >= 1
}

func (n *network) checkWeights() error {
	if n.Weights == nil {
		return fmt.Errorf("landscape: Consensus has no Weights; a symmetric J×J matrix is wanted: %w", lr.ErrEmpty)
	}
	count := len(n.Parts)
	if a, b := n.Weights.Dims(); a != count || b != count {
		return fmt.Errorf("landscape: Consensus has %d×%d Weights for %d parts; they must be %d×%d: %w", a, b, count, count, count, lr.ErrShape)
	}
	for i := range count {
		for j := range i {
			v, w := n.Weights.At(i, j), n.Weights.At(j, i)
			if !(v >= 0) || !finite(v) || v != w {
				return fmt.Errorf("landscape: Consensus: weight (%d, %d) is %v and (%d, %d) is %v; equal finite numbers, at least 0, are wanted: %w", i, j, v, j, i, w, lr.ErrValue)
			}
		}
	}
	return nil
}

// weight is w_ij, 0 on the diagonal.
func (n *network) weight(i, j int) float64 {
	if i == j {
		return 0
	}
	return n.Weights.At(i, j)
}

// connected says whether the edges connect all nodes.
func (n *network) connected() Hypothesis {
	reached, queue := make([]bool, len(n.Parts)), []int{0}
	reached[0] = true
	count := 1
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for j := range reached {
			if !reached[j] && n.weight(i, j) > 0 {
				reached[j] = true
				count++
				queue = append(queue, j)
			}
		}
	}
	return Hypothesis{Name: "a connected network (nodes reached from the first)", Holds: answer(count == len(n.Parts)), Value: float64(count)}
}

// bare says whether the parts are functions of UVᵀ alone at the point: their
// gradients do not change when their regularisers are left out.
func (n *network) bare(us, vs []*mat.Dense) Hypothesis {
	var off float64
	for j, p := range n.Parts {
		if _, has := p.(interface{ Unregularised() lr.Problem }); !has {
			continue
		}
		x := &lr.Factors{U: us[j], V: vs[j]}
		with, without := x.Clone(), x.Clone()
		p.NewEval().Grad(with, x)
		lr.UnregularisedOf(p).NewEval().Grad(without, x)
		with.AddScaled(-1, without)
		off = math.Max(off, with.Norm())
	}
	return Hypothesis{Name: "parts without regularisers (the largest gradient of one)", Holds: answer(off == 0), Value: off}
}

// spread is Σ‖Uʲ − Ū‖F².
func spread(us []*mat.Dense) float64 {
	mean := meanOf(us)
	var sum float64
	var gap mat.Dense
	for _, u := range us {
		gap.Sub(u, mean)
		sum += sqNorm(&gap)
	}
	return sum
}

// meanOf is Ū, U itself where all are equal.
func meanOf(us []*mat.Dense) *mat.Dense {
	first := us[0]
	d, r := first.Dims()
	mean, gap := mat.NewDense(d, r, nil), mat.NewDense(d, r, nil)
	for _, u := range us[1:] {
		gap.Sub(u, first)
		mean.Add(mean, gap)
	}
	mean.Scale(1/float64(len(us)), mean)
	mean.Add(mean, first)
	return mean
}
