package datasets

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	for _, tc := range []struct {
		what, text string
		o          OpenOptions
		want       [][]float64
		rows, cols []string
	}{
		{"commas", "1,2\n3,4\n", OpenOptions{}, [][]float64{{1, 2}, {3, 4}}, nil, nil},
		{"one number", "7", OpenOptions{}, [][]float64{{7}}, nil, nil},
		{"one column", "1\n2\n", OpenOptions{}, [][]float64{{1}, {2}}, nil, nil},
		{"one column with a name", "x\n1\n2\n", OpenOptions{}, [][]float64{{1}, {2}}, nil, []string{"x"}},
		{"tabs", "1\t\t3\n4\t5\tNaN\n", OpenOptions{}, [][]float64{{1, nan, 3}, {4, 5, nan}}, nil, nil},
		{"semicolons", "1;2\n3;\n", OpenOptions{}, [][]float64{{1, 2}, {3, nan}}, nil, nil},
		{"bars", "1|2\n3|4\n", OpenOptions{}, [][]float64{{1, 2}, {3, 4}}, nil, nil},
		{"spaces", "  1   2\n3 4e1\n", OpenOptions{}, [][]float64{{1, 2}, {3, 40}}, nil, nil},
		{"a byte order mark", "\ufeff1,2\n", OpenOptions{}, [][]float64{{1, 2}}, nil, nil},
		{"CRLF", "a,b\r\n1,2\r\n3,4\r\n", OpenOptions{}, [][]float64{{1, 2}, {3, 4}}, nil, []string{"a", "b"}},
		{"comments, blank lines", "# made by hand\n\n1,2\n   \n# more\n3,4\n\n", OpenOptions{}, [][]float64{{1, 2}, {3, 4}}, nil, nil},
		{"spaces after commas", "1, 2\n 3, 4\n", OpenOptions{}, [][]float64{{1, 2}, {3, 4}}, nil, nil},
		{"missing words", "1,NA,n/a\nnull,none,-\n?,nan,2\n", OpenOptions{}, [][]float64{{1, nan, nan}, {nan, nan, nan}, {nan, nan, 2}}, nil, nil},
		{"own missing word", "1,*\n*,-9\n", OpenOptions{Missing: []string{"*", "-9"}}, [][]float64{{1, nan}, {nan, nan}}, nil, nil},
		{"header and rows", "station,jan,feb\nBoulder,1,2\nDenver,3,\n", OpenOptions{}, [][]float64{{1, 2}, {3, nan}}, []string{"Boulder", "Denver"}, []string{"jan", "feb"}},
		{"pandas", ",1990,1991\n\"a, b\",1,2\nc,3,4\n", OpenOptions{}, [][]float64{{1, 2}, {3, 4}}, []string{"a, b", "c"}, []string{"1990", "1991"}},
		{"R", "\"x\" \"y\"\n\"r 1\" 1 2\n\"r2\" 3 NA\n", OpenOptions{}, [][]float64{{1, 2}, {3, nan}}, []string{"r 1", "r2"}, []string{"x", "y"}},
		{"R with tabs", "x\ty\nr1\t1\t2\nr2\t3\tNA\n", OpenOptions{}, [][]float64{{1, 2}, {3, nan}}, []string{"r1", "r2"}, []string{"x", "y"}},
		{"numbers as names", "id,1,2\n007,3,4\n", OpenOptions{}, [][]float64{{3, 4}}, []string{"007"}, []string{"1", "2"}},
		{"a header that is said", "1990,1991\n1,2\n", OpenOptions{Header: Yes}, [][]float64{{1, 2}}, nil, []string{"1990", "1991"}},
		{"rows that are said", "1,2\n3,4\n", OpenOptions{RowNames: Yes}, [][]float64{{2}, {4}}, []string{"1", "3"}, nil},
		{"quotes", "\"a \"\"b\"\"\",\"c\nd\"\n\"1\",2\n", OpenOptions{}, [][]float64{{1, 2}}, nil, []string{`a "b"`, "c\nd"}},
		{"decimal commas", "3,14;2\n-1;1e3\n", OpenOptions{DecimalComma: true}, [][]float64{{3.14, 2}, {-1, 1000}}, nil, nil},
		{"decimal commas and spaces", "3,14 2,5\n1 2\n", OpenOptions{DecimalComma: true}, [][]float64{{3.14, 2.5}, {1, 2}}, nil, nil},
		{"a caret", "1^2\n", OpenOptions{Delimiter: "^"}, [][]float64{{1, 2}}, nil, nil},
		{"three columns of counts", "1,2,3\n4,5,6\n7,8,9\n", OpenOptions{}, [][]float64{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}, nil, nil},
		{"no last line feed", "1,2\n3,4", OpenOptions{}, [][]float64{{1, 2}, {3, 4}}, nil, nil},
	} {
		d := mustRead(t, tc.text, "x.csv", &tc.o)
		sameMatrix(t, tc.what, d, tc.want)
		if !slices.Equal(d.RowNames, tc.rows) || !slices.Equal(d.ColNames, tc.cols) {
			t.Errorf("%s: names %q and %q; want %q and %q", tc.what, d.RowNames, d.ColNames, tc.rows, tc.cols)
		}
		if d.Listed() || d.Format != "csv" {
			t.Errorf("%s: listed %t, format %s", tc.what, d.Listed(), d.Format)
		}
	}
}

func TestTriplets(t *testing.T) {
	want := [][]float64{{5, 3, nan}, {nan, 4, 1}}
	for _, tc := range []struct {
		what, name, text string
		o                OpenOptions
		format           string
		want             [][]float64
		rows, cols       string
	}{
		{"names known", "x.csv", "userId,movieId,rating,timestamp\n1,10,5,9\n1,20,3,9\n2,20,4,9\n2,30,1,9\n", OpenOptions{}, "csv", want, "1 2", "10 20 30"},
		{"order of the file", "x.csv", "row,col,value\n2,30,1\n1,20,3\n2,20,4\n1,10,5\n", OpenOptions{}, "csv", want, "1 2", "10 20 30"},
		{"words", "x.csv", "user,item,rating\nbea,xi,5\nbea,b,3\nal,b,4\nal,a,1\n", OpenOptions{}, "csv", want, "bea al", "xi b a"},
		{"numbers alone", "u.data", "1\t10\t5\t9\n1\t20\t3\t9\n2\t20\t4\t9\n2\t30\t1\t9\n", OpenOptions{}, "csv", want, "1 2", "10 20 30"},
		{"colons", "ratings.dat", "1::10::5::9\n1::20::3::9\n2::20::4::9\n2::30::1::9\n", OpenOptions{}, "ratings", want, "1 2", "10 20 30"},
		{"RecBole", "ml.inter", "user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t10\t5\t9\n1\t20\t3\t9\n2\t20\t4\t9\n2\t30\t1\t9\n", OpenOptions{}, "recbole", want, "1 2", "10 20 30"},
		{"RecBole, other names", "x", "q:token\tstars:float\tp:token\n1\t5\t10\n1\t3\t20\n2\t4\t20\n2\t1\t30\n", OpenOptions{}, "recbole", want, "1 2", "10 20 30"},
		{"RecBole without values", "x.inter", "user_id:token\titem_id:token\ttimestamp:float\n1\t10\t77\n2\t20\t88\n", OpenOptions{}, "recbole", [][]float64{{1, nan}, {nan, 1}}, "1 2", "10 20"},
		{"columns by name", "x.csv", "disease,state,year,count\nm,1,10,5\nm,1,20,3\nm,2,20,4\nm,2,30,1\n", OpenOptions{Columns: []string{"state", "year", "count"}}, "csv", want, "1 2", "10 20 30"},
		{"columns by number", "x.csv", "5,10,1\n3,20,1\n4,20,2\n1,30,2\n", OpenOptions{Columns: []string{"3", "2", "1"}}, "csv", want, "1 2", "10 20 30"},
		{"columns of RecBole", "x.inter", "a:token\tb:token\tc:token\tv:float\n0\t1\t10\t5\n0\t1\t20\t3\n0\t2\t20\t4\n0\t2\t30\t1\n", OpenOptions{Columns: []string{"b", "c", "v"}}, "recbole", want, "1 2", "10 20 30"},
		{"a pair counts as 1", "x.csv", "a,b\nc,d\n", OpenOptions{Layout: Triplets, Header: No}, "csv", [][]float64{{1, nan}, {nan, 1}}, "a c", "b d"},
		{"from 0", "x.csv", "0,0,5\n0,1,3\n1,1,4\n1,2,1\n", OpenOptions{Index: FromZero}, "csv", want, "", ""},
		{"from 1", "x.csv", "row,col,value\n1,1,5\n1,2,3\n2,2,4\n2,3,1\n", OpenOptions{Index: FromOne}, "csv", want, "", ""},
		{"with a gap", "x.csv", "row,col,value\n0,0,5\n2,0,1\n", OpenOptions{Index: FromZero}, "csv", [][]float64{{5}, {nan}, {1}}, "", ""},
		{"a missing value", "x.csv", "user,item,rating\n1,10,5\n1,20,3\n1,30,\n2,20,4\n2,30,1\n", OpenOptions{}, "csv", want, "1 2", "10 20 30"},
		{"ids with zeros", "x.csv", "user,item,rating\n01,a,5\n1,a,3\n", OpenOptions{}, "csv", [][]float64{{5}, {3}}, "01 1", "a"},
	} {
		d := mustRead(t, tc.text, tc.name, &tc.o)
		sameMatrix(t, tc.what, d, tc.want)
		if strings.Join(d.RowNames, " ") != tc.rows || strings.Join(d.ColNames, " ") != tc.cols || d.Format != tc.format || !d.Listed() {
			t.Errorf("%s: names %q and %q, format %s", tc.what, d.RowNames, d.ColNames, d.Format)
		}
		e := d.Entries()
		for k := 1; k < e.Len(); k++ {
			if e.Rows[k-1]*e.D2+e.Cols[k-1] >= e.Rows[k]*e.D2+e.Cols[k] {
				t.Errorf("%s: the entries are not row by row: %v %v", tc.what, e.Rows, e.Cols)
			}
		}
	}
}

func TestNamesAreFound(t *testing.T) {
	d := mustRead(t, "user,item,rating\n7,xi,5\n3,b,4\n", "x.csv", nil)
	for _, tc := range []struct {
		find func(string) (int, bool)
		name string
		at   int
		ok   bool
	}{{d.Row, "3", 0, true}, {d.Row, "7", 1, true}, {d.Col, "b", 1, true}, {d.Col, "7", -1, false}} {
		if at, ok := tc.find(tc.name); at != tc.at || ok != tc.ok {
			t.Errorf("%q is at %d, %t; want %d, %t", tc.name, at, ok, tc.at, tc.ok)
		}
	}
}

func TestNotesSayWhatWasAssumed(t *testing.T) {
	for text, want := range map[string]string{
		"1\t10\t5\n1\t20\t3\n2\t20\t4\n":  "delimiter: tab; header: none; layout: triplets (row: field 1, column: field 2, value: field 3)",
		"user;item;rating\n1;1;2\n":       `delimiter: semicolon; header: first line; layout: triplets (row: "user", column: "item", value: "rating")`,
		"s,a\nx,1\n":                      "delimiter: comma; header: first line; layout: table; row names: first column",
		"user,item,rating\n1,1,\n1,2,3\n": `delimiter: comma; header: first line; layout: triplets (row: "user", column: "item", value: "rating"); missing values left out: 1`,
	} {
		if got := strings.Join(mustRead(t, text, "x", nil).Notes, "; "); got != want {
			t.Errorf("%q: %s\nwant %s", text, got, want)
		}
	}
}

func TestTextRefuses(t *testing.T) {
	refuse(t, map[string]refusal{
		"":                                 {"empty", ErrEmpty},
		"\n\n# nothing\n":                  {"no line with data", ErrEmpty},
		"a,b\n":                            {"a header and no line below", ErrEmpty},
		"x,y\na,b\n":                       {`line 2, column 3: "b" is no number`, ErrValue},
		"1,2\n3,x\n":                       {`line 2, column 3: "x" is no number`, ErrValue},
		"1,2\n\n# c\n3,4x\n":               {`line 4, column 3: "4x" is no number`, ErrValue},
		"1,2\n3,4,5\n":                     {"line 2: there are 3 fields (delimiter: comma); the lines before have 2", ErrShape},
		"1,2\n3\n":                         {"line 2: there are 1 fields", ErrShape},
		"1,2\n3,inf\n":                     {`line 2, column 3: "inf" is not finite`, ErrValue},
		"1,2\n3,1e999\n":                   {`line 2, column 3: "1e999" is not finite`, ErrValue},
		"3,14;2\n1;2\n":                    {`line 1, column 1: "3,14" looks like a number with a decimal comma; set DecimalComma`, ErrValue},
		"1;3,14\n1;2\n":                    {`line 1, column 3: "3,14" looks like`, ErrValue},
		"1,\"2\n3,4\n":                     {"line ", ErrFormat},
		"a,5\"\n1,2\n":                     {"line 1", ErrFormat},
		"NaN,NaN\n,\n":                     {"all 2×2 entries are missing", ErrEmpty},
		"1\r2\r3":                          {"carriage return", ErrFormat},
		"\xe9t\xe9,x\n1,2\n":               {"line 1, column 1: \"\\xe9t\\xe9\" is not UTF-8", ErrFormat},
		"s,x\nM\xfcnchen,1\n":              {"line 2, column 1: \"M\\xfcnchen\" is not UTF-8", ErrFormat},
		"user,item,rating\n1,2,3\n1,2,4\n": {`line 3 gives row "1", column "2", which line 2 gave already (3 and 4)`, ErrValue},
		"user,item,rating\n1,2,3\n1,,4\n":  {"line 3, column 3: the name", ErrValue},
		"user,item,rating\n1,2,x\n":        {`line 2, column 5: "x" is no number`, ErrValue},
		"user,item,rating\n1,2\n":          {"line 2", ErrFormat},
		"user,item,rating\n1,2,3\n4,5\n":   {"line 3: there are 2 fields", ErrFormat},
		"user,item,rating\n1,2,\n":         {"no entry with a value", ErrEmpty},
		"user,item,rating\n":               {"a header and no line below", ErrEmpty},
	}, "x.csv", nil)
	refuse(t, map[string]refusal{
		"user_id:token\titem_id:token\n1\t2\t3\n": {"line 2", ErrFormat},
		"user\titem\n1\t2\n":                      {"no header of RecBole", ErrFormat},
		"user_id:token\tage:float\n1\t2\n":        {"fewer than two columns of type token", ErrFormat},
	}, "x.inter", nil)
	refuse(t, map[string]refusal{
		"1::2::3\n1::2\n":      {"line 2: there are 2 fields (delimiter: ::)", ErrFormat},
		"1::2::3\n1::2::bad\n": {`line 2, column 7: "bad" is no number`, ErrValue},
		"1::2::3\n1::2::4\n":   {"line 1 gave already", ErrValue},
	}, "ratings.dat", nil)
	refuse(t, map[string]refusal{
		"0,1,2\n":           {`line 1, column 1: "0" is no index; a whole number from 1`, ErrValue},
		"1,x,2\n":           {`line 1, column 3: "x" is no index`, ErrValue},
		"1,99999999999,2\n": {"below 2³¹", ErrValue},
	}, "x.csv", &OpenOptions{Layout: Triplets, Header: No, Index: FromOne})
	refuse(t, map[string]refusal{
		"a,b,c\n1,2,3\n": {`no column "z"; there are ["a" "b" "c"], or numbers 1 to 3`, ErrValue},
	}, "x.csv", &OpenOptions{Columns: []string{"a", "b", "z"}})
	refuse(t, map[string]refusal{"1.5;2\n": {`"1.5" is no number`, ErrValue}}, "x.csv", &OpenOptions{DecimalComma: true})
	refuse(t, map[string]refusal{"1\n2\n": {"there is one field", ErrFormat}}, "x.csv", &OpenOptions{Layout: Triplets})
}

func TestDuplicates(t *testing.T) {
	const text = "user,item,rating\n1,a,2\n2,b,7\n1,a,4\n1,a,9\n"
	for policy, want := range map[Duplicates]float64{Average: 5, Last: 9} {
		d := mustRead(t, text, "x.csv", &OpenOptions{Duplicates: policy})
		sameMatrix(t, fmt.Sprint("policy ", policy), d, [][]float64{{want, nan}, {nan, 7}})
		if d.Merged != 2 {
			t.Errorf("policy %d: %d merged; want 2", policy, d.Merged)
		}
	}
}

// A random matrix with holes comes back from any way of writing it.
func TestTextRoundTrip(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 2))
	for range 100 {
		rows, cols := 2+rng.IntN(6), 2+rng.IntN(6)
		want := make([][]float64, rows)
		for i := range want {
			for range cols {
				v := rng.NormFloat64() * math.Pow(10, float64(rng.IntN(20)-10))
				want[i] = append(want[i], v)
			}
			if rng.IntN(3) > 0 {
				want[i][rng.IntN(cols)] = nan
			}
		}
		delim := []string{",", ";", "\t", "|"}[rng.IntN(4)]
		end := []string{"\n", "\r\n"}[rng.IntN(2)]
		header, names := rng.IntN(2) == 0, rng.IntN(2) == 0
		var b strings.Builder
		if header {
			if names {
				b.WriteString("corner" + delim)
			}
			for j := range cols {
				b.WriteString("c" + strconv.Itoa(j))
				if j < cols-1 {
					b.WriteString(delim)
				}
			}
			b.WriteString(end)
		}
		for i := range want {
			if names {
				b.WriteString("r" + strconv.Itoa(i) + delim)
			}
			for j, v := range want[i] {
				if !math.IsNaN(v) {
					b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
				}
				if j < cols-1 {
					b.WriteString(delim)
				}
			}
			b.WriteString(end)
		}
		d, err := Read(strings.NewReader(b.String()), "x", nil)
		if err != nil {
			t.Fatalf("seed %d: %v in\n%s", seed, err, b.String())
		}
		sameMatrix(t, fmt.Sprintf("seed %d\n%s", seed, b.String()), d, want)
		if (d.ColNames != nil) != header || (d.RowNames != nil) != names {
			t.Fatalf("seed %d: names %q, %q", seed, d.RowNames, d.ColNames)
		}
	}
}

// Lines may be longer than what detection looks at first.
func TestWideTables(t *testing.T) {
	for _, cols := range []int{10000, 100000} {
		header, line := make([]string, cols), make([]string, cols)
		for j := range cols {
			header[j], line[j] = "column "+strconv.Itoa(j), strconv.Itoa(j)+".25"
		}
		numbers := strings.Join(line, ",")
		for _, text := range []string{numbers, numbers + "\n" + numbers + "\n", strings.Join(header, ",") + "\n" + numbers} {
			d := mustRead(t, text, "x.csv", nil)
			r, c := d.Dims()
			e := d.Entries()
			if c != cols || e.Len() != r*cols || e.Values[cols-1] != float64(cols-1)+0.25 || d.ColNames != nil && d.ColNames[cols-1] != header[cols-1] {
				t.Errorf("%d columns: %v", cols, d)
			}
		}
		if _, err := Read(strings.NewReader(numbers), "x.csv", &OpenOptions{MaxBytes: 65537}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d columns over the limit: error %v", cols, err)
		}
	}
}

// Lists of ratings in any order give the same matrix.
func TestTripletsOrderDoesNotMatter(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 3))
	var lines []string
	for i := range 20 {
		for j := range 15 {
			if rng.IntN(3) == 0 {
				lines = append(lines, fmt.Sprintf("%d\t%d\t%d\t1", 7*i+1, 3*j, 1+rng.IntN(5)))
			}
		}
	}
	var first string
	for range 5 {
		rng.Shuffle(len(lines), func(a, b int) { lines[a], lines[b] = lines[b], lines[a] })
		d, err := Read(strings.NewReader(strings.Join(lines, "\n")), "u.data", &OpenOptions{Layout: Triplets})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got := fmt.Sprint(d.Entries(), d.Entries().Values, d.RowNames, d.ColNames); first == "" {
			first = got
		} else if got != first {
			t.Fatalf("seed %d: another order gave another matrix", seed)
		}
	}
}

func TestMatrixOfHugeListRefuses(t *testing.T) {
	d := mustRead(t, "%%MatrixMarket matrix coordinate real general\n2000000 2000000 1\n5 6 7\n", "x.mtx", nil)
	if _, err := d.Matrix(); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "use Entries, which holds the 1") {
		t.Errorf("error %v", err)
	}
	if e := d.Entries(); e.Len() != 1 || e.Rows[0] != 4 || e.Cols[0] != 5 || e.D1 != 2000000 {
		t.Errorf("%+v", e)
	}
}
