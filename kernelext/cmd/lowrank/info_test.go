package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lowrankgo/lowrank/datasets"
)

// oneDocument decodes stdout, which must be one JSON document, into v.
func oneDocument(t *testing.T, stdout string, v any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(stdout))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		t.Fatalf("%v in %q", err, stdout)
	}
	if _, err := dec.Token(); err != io.EOF {
		t.Errorf("more than one document on stdout: %q", stdout)
	}
}

func dataFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDatasets(t *testing.T) {
	code, stdout, stderr := lowrank(t, "datasets")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, i := range datasets.List() {
		mustContain(t, "the list", stdout, i.Name, i.Title, i.Terms, i.Source)
	}
	mustContain(t, "the list", stdout, "180×1080, 46.1 % missing, in °C")
	code, stdout, _ = lowrank(t, "datasets", "--json")
	var r dataSetsReport
	oneDocument(t, stdout, &r)
	if code != exitOK || r.Version != 1 || len(r.DataSets) != len(datasets.List()) {
		t.Fatalf("exit %d: %+v", code, r)
	}
	for k, d := range r.DataSets {
		if d.Name != datasets.List()[k].Name || d.Rows < 1 || d.Cols < 1 || d.Observed < 1 || d.Terms == "" || len(d.SHA256) != 64 || len(d.Shape) == 0 {
			t.Errorf("%+v", d)
		}
	}
}

const ratings = `userId,movieId,rating
1,10,4
1,20,3.5
2,10,1
2,30,
3,20,5
1,10,2
`

func TestInfo(t *testing.T) {
	path := dataFile(t, "ratings.csv", ratings)
	code, stdout, stderr := lowrank(t, "info", path, "--rank", "1,2")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	mustContain(t, "info", stdout,
		"name          ratings.csv\n", "format        csv\n", "shape         3×3\n", "observed      4\n", "missing       55.6 %\n",
		"duplicates    1\n", "values        1 to 5,", `row names     "1", "2", "3"`+"\n",
		"per row       1 to 2 entries, median 1\n", "per column    0 to 2 entries, median 2, 1 without any\n",
		"read as       header: first line\n", "read as       missing values left out: 1\n",
	)
	if !strings.Contains(strings.Join(strings.Fields(stdout), " "), "1 5 0.80 0 1 2 8 0.50 2 1") {
		t.Errorf("the table of ranks is not there:\n%s", stdout)
	}
	if strings.ContainsAny(stdout, "\x1b\t\r") {
		t.Errorf("not plain text: %q", stdout)
	}
}

func TestInfoJSON(t *testing.T) {
	path := dataFile(t, "ratings.csv", ratings)
	code, stdout, _ := lowrank(t, "info", "--json", path)
	var r infoReport
	r.fileReport = new(fileReport)
	oneDocument(t, stdout, &r)
	if code != exitOK || r.Version != 1 || r.Err != "" || r.Rows != 3 || r.Cols != 3 || r.Observed != 4 || r.Merged != 1 || !r.Listed || !r.RowNames || r.Format != "csv" {
		t.Errorf("exit %d: %+v %+v", code, r, r.fileReport)
	}
	if len(r.Ranks) != 2 || r.Ranks[1] != (rankReport{Rank: 2, Freedom: 8, Oversampling: 0.5, Rows: 2, Cols: 1}) || len(r.Notes) != 4 {
		t.Errorf("%+v, notes %q", r.Ranks, r.Notes)
	}
}

// A data set stands for a file.
func TestInfoOfDataSets(t *testing.T) {
	for _, i := range datasets.List() {
		code, stdout, stderr := lowrank(t, "info", i.Name)
		if code != exitOK {
			t.Errorf("%s: exit %d: %s", i.Name, code, stderr)
		}
		mustContain(t, i.Name, stdout, i.Name, i.Matrix)
	}
	_, stdout, _ := lowrank(t, "info", "vtest")
	mustContain(t, "vtest", stdout, "frames        120×160 pixels\n", "missing       0 %\n")
}

// Every flag does what it says.
func TestInfoFlags(t *testing.T) {
	for _, tc := range []struct {
		text string
		args []string
		want string
	}{
		{"1,2\n3,4\n", []string{"--header", "yes"}, "shape         1×2"},
		{"1,2\n3,4\n", []string{"--row-names", "yes"}, "shape         2×1"},
		{"1,2,3\n4,5,6\n", []string{"--layout", "triplets", "--index", "from-0"}, "shape         5×6"},
		{"1,2,3\n4,5,6\n", []string{"--layout", "triplets", "--index", "from-1"}, "shape         4×5"},
		{"1,2,3\n1,3,4\n2,3,6\n", []string{"--layout", "table"}, "observed      9"},
		{"1,2,3\n1,2,5\n", []string{"--layout", "triplets", "--duplicates", "average"}, "values        4 to 4"},
		{"3,14;2\n", []string{"--decimal-comma"}, "values        2 to 3.14"},
		{"1^2\n", []string{"--delimiter", "^"}, "shape         1×2"},
		{"1\t2\n", []string{"--delimiter", "tab"}, "shape         1×2"},
		{"1  2\n", []string{"--delimiter", "space"}, "shape         1×2"},
		{"1,void\n", []string{"--missing", "void,gone"}, "missing       50.0 %"},
		{"a,b,c\n1,2,3\n", []string{"--columns", "c,a,b"}, `row: "c", column: "a", value: "b"`},
		{"1::2::3\n", []string{"--format", "ratings"}, "format        ratings"},
		{"P2 2 1 9\n1 2", []string{"--format", "pnm"}, "format        pnm"},
	} {
		code, stdout, stderr := lowrank(t, append([]string{"info", dataFile(t, "x", tc.text)}, tc.args...)...)
		if code != exitOK || !strings.Contains(stdout, tc.want) {
			t.Errorf("%q: exit %d, %s%s\nwant %q", tc.args, code, stdout, stderr, tc.want)
		}
	}
	examples := filepath.Join("..", "..", "..", "datasets", "testdata")
	for file, args := range map[string][]string{"two.npz": {"--variable", "second"}, "frames.npy": {"--frames-as-rows"}, "frames": nil, "a_f8.npy.gz": nil, "v73.mat": nil} {
		if code, _, stderr := lowrank(t, append([]string{"info", filepath.Join(examples, file)}, args...)...); code != exitOK {
			t.Errorf("%s: exit %d, %s", file, code, stderr)
		}
	}
}

func TestInfoFailures(t *testing.T) {
	good := dataFile(t, "good.csv", "1,2\n3,4\n")
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{dataFile(t, "bad.csv", "1,2\n3,x\n")}, exitFailed, `bad.csv, line 2, column 3: "x" is no number`},
		{[]string{dataFile(t, "empty.csv", "")}, exitFailed, "empty.csv: the file is empty"},
		{[]string{"nothing.csv"}, exitFailed, "no file nothing.csv, and no data set of that name; data sets are coads-sst"},
		{[]string{dataFile(t, "again.csv", ratings), "--duplicates", "reject"}, exitFailed, "line 7 gives row"},
		{[]string{good, "--max-bytes", "3"}, exitFailed, "MaxBytes = 3"},
		{[]string{good, "--format", "xls"}, exitFailed, `no format "xls"`},
		{[]string{good, "--rank", "3"}, exitUsage, "has ranks from 1 to 2"},
		{[]string{good, "--rank", "many"}, exitUsage, "many"},
		{[]string{good, "--header", "perhaps"}, exitUsage, `--header is "perhaps"; auto or yes or no is wanted`},
		{[]string{good, "--nonsense"}, exitUsage, "nonsense"},
		{nil, exitUsage, "accepts 1 arg"},
	} {
		code, stdout, stderr := lowrank(t, append([]string{"info"}, tc.args...)...)
		if code != tc.code || stdout != "" {
			t.Errorf("%q: exit %d, want %d; stdout %q", tc.args, code, tc.code, stdout)
		}
		mustContain(t, "stderr", stderr, tc.want)
		code, stdout, _ = lowrank(t, append([]string{"info", "--json"}, tc.args...)...)
		var r struct {
			Version int
			Error   string
		}
		oneDocument(t, stdout, &r)
		if code != tc.code || r.Version != 1 || !strings.Contains(r.Error, tc.want) {
			t.Errorf("%q --json: exit %d, %+v", tc.args, code, r)
		}
	}
	code, stdout, _ := lowrank(t, "datasets", "--json", "now")
	if code != exitUsage || !strings.Contains(stdout, `"error"`) {
		t.Errorf("datasets now: exit %d, %s", code, stdout)
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "0 %", 1: "100 %", 1e-9: "under 0.1 %", 1 - 1e-9: "over 99.9 %", 0.61626: "61.6 %", 0.0006: "0.1 %"} {
		if got := percent(share); got != want {
			t.Errorf("%v is %q; want %q", share, got, want)
		}
	}
}
