package theory

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// objectiveOfNetwork is (II.5), whose variables are those of all nodes.
func objectiveOfNetwork() Item {
	return Item{
		Name:      "[L] (II.5)",
		Statement: "distributed: Σⱼ fⱼ(UʲVⱼᵀ) + Σ_{(i,j)∈G} w_ij‖Uʲ − Uⁱ‖², the sum over ordered pairs, each edge twice",
		Functions: []string{"landscape.Consensus", "landscape.Consensus.Identity"},
		Tests:     []string{"landscape.TestConsensusVectors", "landscape.TestConsensusGradient"},
		Measure:   measureNetwork,
	}
}

// nodes is a point of (II.5): a Uʲ and a Vⱼ for each node.
type nodes struct{ us, vs []*mat.Dense }

// network draws (II.5) over four nodes of 8×3 sensing, with a point and a
// direction. A ring with a chord connects them.
func network(seed uint64) (c landscape.Consensus, x, d nodes, err error) {
	c = landscape.Consensus{OrderedPairs: true, Weights: mat.NewDense(4, 4, []float64{
		0, 1, 0.3, 0.5,
		1, 0, 2, 0,
		0.3, 2, 0, 0.7,
		0.5, 0, 0.7, 0,
	})}
	rng := lr.Stream(seed, "network")
	for j := range 4 {
		p, err := problem.GaussianSensing{D1: 8, D2: 3, Rank: 2, M: 30, Seed: 10*seed + uint64(j)}.New()
		if err != nil {
			return c, x, d, err
		}
		c.Parts = append(c.Parts, p)
		for _, n := range []*nodes{&x, &d} {
			at := normalPoint(rng, p, 1)
			n.us, n.vs = append(n.us, at.U), append(n.vs, at.V)
		}
	}
	return c, x, d, nil
}

// plus is the point x + t·d.
func (x nodes) plus(t float64, d nodes) nodes {
	add := func(a, b []*mat.Dense) (out []*mat.Dense) {
		for j := range a {
			var sum mat.Dense
			sum.Scale(t, b[j])
			sum.Add(&sum, a[j])
			out = append(out, &sum)
		}
		return out
	}
	return nodes{add(x.us, d.us), add(x.vs, d.vs)}
}

// dot is ⟨x, y⟩ over all nodes.
func (x nodes) dot(y nodes) float64 {
	var s float64
	for j := range x.us {
		a, b := &lr.Factors{U: x.us[j], V: x.vs[j]}, &lr.Factors{U: y.us[j], V: y.vs[j]}
		s += a.Dot(b)
	}
	return s
}

// measureNetwork compares the gradient of (II.5) with differences of its value.
func measureNetwork(ctx context.Context, e Effort) (Measurement, error) {
	m := NewMeasurement(e.instances(20))
	m.Residual = 0
	for i := range m.Instances {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		c, x, d, err := network(e.Seed + uint64(i))
		if err != nil {
			return m, err
		}
		here, err := c.Identity(x.us, x.vs)
		if err != nil {
			return m, err
		}
		gradient, h := nodes{here.GradU, here.GradV}, 1e-4
		difference := 0.0
		for _, s := range stencil {
			at := x.plus(s.t*h, d)
			there, err := c.Identity(at.us, at.vs)
			if err != nil {
				return m, err
			}
			difference += s.w * (there.Value - here.Value) / h
		}
		size := here.GradNorm * math.Sqrt(d.dot(d))
		m.Residual = math.Max(m.Residual, math.Abs(difference-gradient.dot(d))/size)
	}
	m.Note = fmt.Sprintf("gradient %.0e; its Hessian product is checked where all Uʲ agree, see Cor III.1", m.Residual)
	return m, nil
}
