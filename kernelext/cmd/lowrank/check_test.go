package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// table is a whole 8×7 matrix, but for what is left out.
func table(without ...[2]int) string {
	var b strings.Builder
	b.WriteString("id,A,B,C,D,E,F,G\n")
	for i := range 8 {
		fmt.Fprintf(&b, "row%d", i)
		for j := range 7 {
			v := fmt.Sprint(i*7 + j)
			for _, w := range without {
				if w == [2]int{i, j} {
					v = ""
				}
			}
			b.WriteString("," + v)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// rowsWithout leaves out all of row i but the first few entries.
func rowsWithout(i, but int) (out [][2]int) {
	for j := but; j < 7; j++ {
		out = append(out, [2]int{i, j})
	}
	return out
}

func TestCheckDetermined(t *testing.T) {
	path := dataFile(t, "good.csv", table([2]int{1, 1}, [2]int{4, 6}))
	code, stdout, stderr := lowrank(t, "check", path, "--rank", "2", "--entry", "row1,B", "--entry", "row0, A", "--exit-code")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	mustContain(t, "check", stdout,
		"name        good.csv\n", "shape       8×7, 54 entries observed (96.4 %)\n",
		"rank        2: 26 degrees of freedom, 2.08 entries for each\n",
		"per row     6 to 7 entries, median 7\n", "per column  7 to 8 entries, median 8\n",
		"\nThe entries determine everything at rank 2: finitely many matrices, mostly one, have them.\n",
		`Entry "row1", "B" is determined.`, `Entry "row0", "A" is observed.`,
	)
	if strings.Contains(stdout, "What to do") || strings.Contains(stdout, "estimate") {
		t.Error(stdout)
	}
}

func TestCheckLostRows(t *testing.T) {
	gone := append(rowsWithout(2, 1), append(rowsWithout(5, 2), rowsWithout(6, 0)...)...)
	gone = append(gone, [2]int{1, 6}, [2]int{0, 6}, [2]int{3, 6}, [2]int{4, 6}) // G has one entry outside row 6
	path := dataFile(t, "bad.csv", table(gone...))
	code, stdout, stderr := lowrank(t, "check", path, "--rank", "3", "--entry", "row2,G", "--entry", "row1,A")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	mustContain(t, "check", stdout,
		"The entries do not determine everything at rank 3: ",
		`3 rows cannot be recovered at rank 3: "row6" (0 entries), "row2" (1 entry), "row5" (2 entries).`,
		`1 column cannot be recovered at rank 3: "G" (1 entry).`,
		"In a block of 5 rows and 6 columns everything is determined.\n",
		`Entry "row2", "G" is not determined.`,
		"What to do: collect at least 6 entries in these rows and 2 entries in these columns; or keep to the block of 5×6.\n",
		"At no lower rank is everything determined.\n",
	)
	if code, stdout, stderr = lowrank(t, "check", path, "--rank", "3", "--exit-code"); code != exitFailed || stderr != "" || !strings.Contains(stdout, "cannot") {
		t.Errorf("--exit-code: exit %d, %s", code, stderr)
	}
	// A row that is lost since its columns are.
	path = dataFile(t, "chain.csv", "a,b,1\na,c,1\nd,b,1\nd,c,1\ne,b,1\ne,f,1\n")
	_, stdout, _ = lowrank(t, "check", path, "--rank", "2", "--layout", "triplets", "--header", "no")
	mustContain(t, "chain", stdout, `1 row cannot be recovered at rank 2: "e" (2 entries).`,
		"  1 of them with 2 entries or more, but fewer in columns that can be recovered.\n", `1 column cannot be recovered at rank 2: "f" (1 entry).`)
}

// A lower rank is named where it helps, the largest one.
func TestCheckLowerRank(t *testing.T) {
	path := dataFile(t, "thin.csv", table(rowsWithout(2, 3)...))
	_, stdout, _ := lowrank(t, "check", path, "--rank", "5")
	mustContain(t, "check", stdout, "1 row cannot be recovered at rank 5", "lower the rank: at rank 3 everything is determined.")
}

// Two full blocks, alone and with an entry between them.
func TestCheckParts(t *testing.T) {
	var blocks strings.Builder
	for i := range 8 {
		for j := range 4 {
			fmt.Fprintf(&blocks, "%d,%d,1\n", i, j+4*(i/4))
		}
	}
	args := []string{"--rank", "2", "--layout", "triplets", "--header", "no"}
	path := dataFile(t, "two.csv", blocks.String())
	_, stdout, _ := lowrank(t, append([]string{"check", path}, args...)...)
	mustContain(t, "two parts", stdout, "50.0 % of the matrix is open, and 4 further entries are missing at least.",
		"The others fall into 2 parts without entries between them, and nothing between two parts is determined.\n",
		"What to do: collect entries that connect what is apart; or keep to the block of 4×4.\n", "At no lower rank")
	path = dataFile(t, "joined.csv", blocks.String()+"0,5,1\n1,5,1\n")
	_, stdout, _ = lowrank(t, append([]string{"check", path}, args...)...)
	mustContain(t, "joined", stdout, "In a block of 4 rows and 5 columns everything is determined.\n",
		`  Beside it, 4 rows are connected with too few entries: "4", "5", "6", "7".`,
		`  Beside it, 3 columns are connected with too few entries: "4", "6", "7".`, "lower the rank: at rank 1")
}

func TestCheckJSON(t *testing.T) {
	path := dataFile(t, "bad.csv", table(rowsWithout(2, 1)...))
	code, stdout, _ := lowrank(t, "check", path, "--rank", "2", "--json", "--entry", "row2,G")
	var r checkReport
	r.checkSummary = new(checkSummary)
	oneDocument(t, stdout, &r)
	if code != exitOK || r.Version != 1 || r.Err != "" || r.Determined == nil || *r.Determined || !r.Proven || r.Rows != 8 || r.Cols != 7 || r.Rank != 2 || r.Freedom != 26 || r.Missing != 1 || r.Jacobian != 25 || r.Open != 6 || r.Lower != 1 {
		t.Errorf("exit %d: %+v", code, r.checkSummary)
	}
	if len(r.LostRows) != 1 || r.LostRows[0] != (checkLine{2, "row2", 1}) || len(r.LostCols) != 0 || len(r.Parts) != 1 || r.Block.Rows != 7 || r.Block.Cols != 7 {
		t.Errorf("%+v", r.checkSummary)
	}
	if len(r.Entries) != 1 || r.Entries[0].Determined == nil || *r.Entries[0].Determined || r.Entries[0].Observed || r.Entries[0].Residual != nil {
		t.Errorf("%+v", r.Entries)
	}
}

// A matrix without names has numbers; a large one is estimated, and says so.
func TestCheckLarge(t *testing.T) {
	const d = 900
	shifts := rand.New(rand.NewPCG(1, 2)).Perm(d)[:20] // 20 entries in each row and column
	m := mat.NewDense(d, d, nil)
	for i := range d {
		for j := range d {
			if !slices.Contains(shifts, (i+j)%d) {
				m.Set(i, j, math.NaN())
			}
		}
	}
	path := npyFile(t, m)
	code, stdout, stderr := lowrank(t, "check", path, "--rank", "8", "--entry", "0,899", "--entry", "17,300")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	mustContain(t, "check", stdout, "The entries determine everything at rank 8 (an estimate)", "Entry 17, 300 is determined (an estimate, residual ")
	_, stdout, _ = lowrank(t, "check", path, "--rank", "8", "--json", "--entry", "17,300")
	var r checkReport
	r.checkSummary = new(checkSummary)
	oneDocument(t, stdout, &r)
	if len(r.Parts) != 1 || r.Parts[0].Estimate == nil || !r.Parts[0].Estimate.Converged || r.Proven || r.Entries[0].Residual == nil || r.Entries[0].Proven {
		t.Errorf("%+v", r.checkSummary)
	}
}

func TestCheckBadInput(t *testing.T) {
	good := dataFile(t, "good.csv", table())
	bare := dataFile(t, "bare.csv", "1,2,3\n4,5,6\n")
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{good}, exitUsage, `"rank" not set`},
		{[]string{good, "--rank", "0"}, exitUsage, "--rank is 0; at least 1 is wanted"},
		{[]string{good, "--rank", "8"}, exitUsage, "is 8×7, so that at most 7 is wanted"},
		{[]string{good, "--rank", "many"}, exitUsage, "many"},
		{[]string{good, "--rank", "2", "--entry", "row1"}, exitUsage, `--entry is "row1"; ROW,COLUMN is wanted, with rows by name: "row0", "row1", … "row7" and columns by name: "A"`},
		{[]string{good, "--rank", "2", "--entry", "row1,Z"}, exitUsage, `"row1,Z"`},
		{[]string{bare, "--rank", "1", "--entry", "2,0"}, exitUsage, "rows from 0 to 1 and columns from 0 to 2"},
		{[]string{"nothing.csv", "--rank", "2"}, exitFailed, "no file nothing.csv"},
		{nil, exitUsage, "accepts 1 arg"},
	} {
		code, stdout, stderr := lowrank(t, append([]string{"check"}, tc.args...)...)
		if code != tc.code || stdout != "" {
			t.Errorf("%q: exit %d, want %d; stdout %q", tc.args, code, tc.code, stdout)
		}
		mustContain(t, "stderr", stderr, tc.want)
		code, stdout, _ = lowrank(t, append([]string{"check", "--json"}, tc.args...)...)
		var r struct {
			Version int
			Error   string
		}
		oneDocument(t, stdout, &r)
		if code != tc.code || r.Version != 1 || !strings.Contains(r.Error, tc.want) {
			t.Errorf("%q --json: exit %d, %+v", tc.args, code, r)
		}
	}
}

func TestCheckInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs strings.Builder
	if code := run(ctx, []string{"check", dataFile(t, "good.csv", table()), "--rank", "2"}, &out, &errs); code != exitInterrupted {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

// Every embedded data set gets an answer, quickly.
func TestCheckDataSets(t *testing.T) {
	for name, want := range map[string]string{
		"colorado-tmax": "The entries determine everything at rank 3: ",
		"coads-sst":     " columns cannot be recovered at rank 3: ",
		"us-diseases":   "The entries determine everything at rank 3: ",
	} {
		code, stdout, stderr := lowrank(t, "check", name, "--rank", "3")
		if code != exitOK {
			t.Errorf("%s: exit %d: %s", name, code, stderr)
		}
		mustContain(t, name, stdout, want)
	}
}
