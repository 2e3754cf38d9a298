package problem_test

import (
	"encoding/json"
	"os"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
)

// splitVector is one case of testdata/robustpca.json; testdata/robustpca.md says
// what the fields are and where they come from.
type splitVector struct {
	Name, Kind string
	Mo, S      [][]float64
	RowCap     int     `json:"row_cap"`
	ColCap     int     `json:"col_cap"`
	GammaAlpha float64 `json:"gamma_alpha"`
	Cap        float64
	Unique     bool
	U, V       [][]float64
	DirU       [][]float64 `json:"dir_U"`
	DirV       [][]float64 `json:"dir_V"`
	GradU      [][]float64 `json:"grad_U"`
	GradV      [][]float64 `json:"grad_V"`
	HvpU       [][]float64 `json:"hvp_U"`
	HvpV       [][]float64 `json:"hvp_V"`
	HvpFExists bool        `json:"hvp_f_exists"`
	HvpFU      [][]float64 `json:"hvp_f_U"`
	HvpFV      [][]float64 `json:"hvp_f_V"`
	YU         [][]float64 `json:"y_U"`
	YV         [][]float64 `json:"y_V"`
	Value      float64
	Curvature  float64
	CurvatureF float64 `json:"curvature_f"`
	FY         float64 `json:"f_y"`
	GxY        float64 `json:"gx_y"`
}

// TestSplitVectors compares f, its derivatives, S, and the majoriser with an
// independent implementation.
func TestSplitVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/robustpca.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []splitVector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 11 {
		t.Fatalf("%d cases, want 11", len(all))
	}
	for _, v := range all {
		t.Run(v.Name, v.compare)
	}
}

func (v *splitVector) compare(t *testing.T) {
	const tol = 1e-10
	split := madeSplit(t, problem.RobustPCA{
		Data: dense(v.Mo), Rank: len(v.U[0]), Alpha: v.GammaAlpha, Cap: v.Cap,
		Symmetric: v.Kind == "rpca_sym", Projection: sparse.Exact,
	})
	if d1, d2, _ := split.Dims(); split.Split().Set.Most(d2) != v.RowCap || split.Split().Set.Most(d1) != v.ColCap {
		t.Errorf("rows and columns hold %d and %d, want %d and %d", split.Split().Set.Most(d2), split.Split().Set.Most(d1), v.RowCap, v.ColCap)
	}
	p := v.regularised(t, split)
	x, y, d := factors(v.U, v.V), factors(v.YU, v.YV), factors(v.DirU, v.DirV)
	value, grad, hess := derivatives(t, p, x, d)
	near(t, "value", tol, scalar(value), scalar(v.Value))
	nearFactors(t, "gradient", tol, grad, factors(v.GradU, v.GradV))
	near(t, "value at y", tol, scalar(p.NewEval().Grad(nil, y)), scalar(v.FY))
	if v.HvpFExists {
		nearFactors(t, "Hessian product", tol, hess, factors(v.HvpFU, v.HvpFV))
		near(t, "curvature", tol, scalar(d.Dot(hess)), scalar(v.CurvatureF))
	}
	if e, _ := lr.SparsePartOf(p); v.Unique {
		near(t, "S", tol, e.SparsePart(x).Dense(), dense(v.S))
	}
	g, err := split.Majoriser(x)
	if err != nil {
		t.Fatal(err)
	}
	q := v.regularised(t, g)
	value, grad, hess = derivatives(t, q, x, d)
	near(t, "the majoriser", tol, scalar(value), scalar(v.Value))
	nearFactors(t, "the majoriser's gradient", tol, grad, factors(v.GradU, v.GradV))
	nearFactors(t, "the majoriser's Hessian product", tol, hess, factors(v.HvpU, v.HvpV))
	near(t, "the majoriser's curvature", tol, scalar(d.Dot(hess)), scalar(v.Curvature))
	if v.Unique {
		near(t, "the majoriser at y", tol, scalar(q.NewEval().Grad(nil, y)), scalar(v.GxY))
	}
}

// regularised adds the regulariser of (6); (12) has none.
func (v *splitVector) regularised(t *testing.T, p lr.Problem) lr.Problem {
	t.Helper()
	if v.Kind == "rpca_sym" {
		return p
	}
	return balanced(t, p, 0.5)
}
