package lowranktest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// A suite that finds nothing is worth nothing. Each case here breaks one rule,
// and the suite, run in a process of its own, must say which.

const brokenCase = "LOWRANKTEST_BROKEN_CASE"

var broken = map[string]struct {
	rule string // the subtest that must fail
	run  func(t *testing.T)
}{
	"operator that forgets b":      {"definition", brokenOperator(func(e *badEval) { e.forgetB = true })},
	"operator with a wrong 𝒜*":     {"adjoint", brokenOperator(func(e *badEval) { e.factor = 1.001 })},
	"operator that keeps dst":      {"accumulate", brokenOperator(func(e *badEval) { e.keepDst = true })},
	"operator that allocates":      {"allocations", brokenOperator(func(e *badEval) { e.allocate = true })},
	"operator that scales x":       {"inputs", brokenOperator(func(e *badEval) { e.scaleX = true })},
	"operator of two residuals":    {"one_pass", brokenOperator(func(e *badEval) { e.roughly = true })},
	"operator with another 𝒜*":     {"dense", brokenOperator(func(e *badEval) { e.denseTwice = true })},
	"operator that is dense at b":  {"dense", brokenOperator(func(e *badEval) { e.forgetDenseB = true })},
	"operator of dense views":      {"views", brokenOperator(func(e *badEval) { e.raw = true })},
	"operator that merges terms":   {"terms", brokenOperator(func(e *badEval) { e.merge = true })},
	"operator that keeps terms":    {"inputs", brokenOperator(func(e *badEval) { e.sortTerms = true })},
	"mask of another pattern":      {"pattern", brokenPattern(func(p *lr.Pattern) { p.At[0], p.At[1] = p.At[1], p.At[0] })},
	"mask of another order":        {"pattern", brokenPattern(func(p *lr.Pattern) { p.Col[0], p.Col[1] = p.Col[1], p.Col[0] })},
	"problem with a wrong ∇f":      {"gradient", brokenProblem(func(b *badProblem) { b.factor = 1.01 })},
	"problem with a wrong ∇²f":     {"hessian", brokenProblem(func(b *badProblem) { b.hessFactor = 0.99 })},
	"problem that does not turn":   {"gauge", brokenProblem(func(b *badProblem) { b.skew = true })},
	"problem with a stale point":   {"moving", brokenProblem(func(b *badProblem) { b.stale = true })},
	"problem that adds to dst":     {"value", brokenProblem(func(b *badProblem) { b.add = true })},
	"problem with a strange ∇f M":  {"matrix_gradient", brokenProblem(func(b *badProblem) { b.factor = 2 })},
	"method that writes to x0":     {"x0", brokenMethod(func(m *badMethod) { m.writeX0 = true })},
	"method with a late loss":      {"info", brokenMethod(func(m *badMethod) { m.late = true })},
	"method that stands still":     {"converges", brokenMethod(func(m *badMethod) { m.still = true })},
	"method that allocates":        {"allocations", brokenMethod(func(m *badMethod) { m.allocate = true })},
	"method that leaks":            {"goroutines", brokenMethod(func(m *badMethod) { m.leak = true })},
	"problem with a wrong bend":    {"third_order", brokenProblem(func(b *badProblem) { b.hessFactor = 0.99 })},
	"problem of two values":        {"value", brokenProblem(func(b *badProblem) { b.ulp = true })},
	"problem that is regularised":  {"gauge", brokenProblem(func(b *badProblem) { b.ridge = true })},
	"problem of another formula":   {"definition", brokenNaive},
	"problem of some terms":        {"batches", brokenProblem(func(b *badProblem) { b.batchFactor = 1.01 })},
	"problem that merges terms":    {"batches", brokenProblem(func(b *badProblem) { b.merge = true })},
	"problem of other squares":     {"least_squares", brokenProblem(func(b *badProblem) { b.weight = 2 })},
	"problem with a part twice":    {"parts", brokenParts},
	"problem that allocates":       {"allocations", brokenProblem(func(b *badProblem) { b.allocate = true })},
	"method that forgets":          {"checkpoint", brokenMethod(func(m *badMethod) { m.forget = true })},
	"method that can be saved":     {"not_saved", brokenMethod(func(m *badMethod) { m.options.NoSave = true })},
	"method that rises":            {"monotone", brokenMonotone},
	"method that does not listen":  {"canceled_soon", brokenMethod(func(m *badMethod) { m.long = true })},
	"method that moves and fails":  {"canceled_inside", brokenMethod(func(m *badMethod) { m.moves = true })},
	"method that is not refused":   {"refuses", brokenRefusal},
	"splitter of another S":        {"sparse_part", brokenSplit(func(f *badSplit) { f.shared = true })},
	"splitter of S elsewhere":      {"start", brokenSplit(func(f *badSplit) { f.other = true })},
	"splitter that fills gaps":     {"sparse_part", brokenSplit(func(f *badSplit) { f.gap = true })},
	"splitter that turns S":        {"sparse_part", brokenSplit(func(f *badSplit) { f.shape = true; f.options.Estimates = true })},
	"splitter with late news":      {"start", brokenSplit(func(f *badSplit) { f.late = true })},
	"splitter that forgets":        {"checkpoint", brokenSplit(func(f *badSplit) { f.forget = true })},
	"splitter below nothing":       {"start", brokenSplit(func(f *badSplit) { f.wild = true; f.options.Estimates = true })},
	"robust PCA with Inf":          {"split", brokenDivided(withInf)},
	"robust PCA of twice S":        {"sparse_part", brokenDivided(func(p *lr.Funcs) { p.SparsePartFunc = doubled(p.SparsePartFunc) })},
	"robust PCA that is crowded":   {"sparse_part", brokenDivided(func(p *lr.Funcs) { p.OverfullFunc = func(*lr.Factors) float64 { return 2 } })},
	"robust PCA beyond its set":    {"sparse_part", brokenDivided(func(p *lr.Funcs) { p.SplitValue.Set = lr.SparseSet{Alpha: 0.15} })},
	"robust PCA above its cap":     {"sparse_part", brokenDivided(func(p *lr.Funcs) { p.SplitValue.Set.Cap = 5 })},
	"problem that is not convex":   {"convex", brokenConvex},
	"problem of twice the bend":    {"curvature", brokenCurvature},
	"majoriser of a higher value":  {"majoriser", brokenMajoriser(higher)},
	"majoriser at another point":   {"majoriser", brokenMajoriser(elsewhere)},
	"majoriser that is not smooth": {"majoriser", brokenMajoriser(first)},
	"majoriser that is below":      {"majoriser", brokenRule},
	"form that is indefinite":      {"semidefinite", brokenSemidefinite},
	"form of half the value":       {"value", brokenForm(func(e *badFormEval) { e.half = true })},
	"form of another definition":   {"definition", brokenForm(func(e *badFormEval) { e.weight = 1.1 })},
	"form that is a square":        {"linear", brokenForm(func(e *badFormEval) { e.square = true })},
	"form that leans":              {"self-adjoint", brokenForm(func(e *badFormEval) { e.shift = true })},
	"form of two matrices":         {"transposed", brokenForm(func(e *badFormEval) { e.weightT = 2 })},
	"form that keeps dst":          {"accumulate", brokenForm(func(e *badFormEval) { e.drop = true })},
	"form that reads through":      {"views", brokenForm(func(e *badFormEval) { e.raw = true })},
	"form that keeps x":            {"inputs", brokenForm(func(e *badFormEval) { e.late = true })},
	"form of any shape":            {"shapes", brokenForm(func(e *badFormEval) { e.anyShape = true })},
	"form that counts threads":     {"threads", brokenForm(func(e *badFormEval) { e.threads = true })},
	"form that allocates":          {"allocations", brokenForm(func(e *badFormEval) { e.allocate = true })},
	"form that is shared":          {"concurrent", brokenForm(func(e *badFormEval) { e.count = true })},
}

func TestBrokenImplementationsFail(t *testing.T) {
	if name := os.Getenv(brokenCase); name != "" {
		broken[name].run(t)
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range broken {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(self, "-test.run=^TestBrokenImplementationsFail$", "-test.v")
			cmd.Env = append(os.Environ(), brokenCase+"="+name)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatal("the suite passed")
			}
			if want := "--- FAIL: TestBrokenImplementationsFail/" + c.rule + " "; !strings.Contains(string(out), want) || !strings.Contains(string(out), "the rule: ") {
				t.Fatalf("the suite failed, but not with %q and its rule:\n%s", want, out)
			}
		})
	}
}

func good(t *testing.T) *problem.Quadratic {
	p, err := problem.GaussianSensing{D1: 6, D2: 5, Rank: 2, M: 60, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
