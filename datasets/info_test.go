package datasets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestListIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, info := range List() {
		if seen[info.Name] {
			t.Errorf("two data sets have the name %q", info.Name)
		}
		seen[info.Name] = true
		for what, text := range map[string]string{
			"Name": info.Name, "Title": info.Title, "Source": info.Source, "Terms": info.Terms,
			"License": info.License, "Citation": info.Citation, "Unit": info.Unit, "Matrix": info.Matrix,
		} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no %s", info.Name, what)
			}
		}
		if len(info.Shape) == 0 || len(info.SHA256) != 64 {
			t.Errorf("%s has the shape %v and the SHA-256 %q", info.Name, info.Shape, info.SHA256)
		}
	}
	if !seen["coads-sst"] {
		t.Error("coads-sst is not listed")
	}
}

// What List returns belongs to the caller.
func TestListIsFresh(t *testing.T) {
	List()[0].Shape[0] = 99
	if got := List()[0].Shape[0]; got != 12 {
		t.Errorf("a change by one caller reached another: months = %d", got)
	}
}

func TestFilesAreAsRecorded(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, s := range sets() {
		files := append([]string{s.file, s.info.SHA256}, s.more...)
		for k := 0; k < len(files); k += 2 {
			file, err := os.ReadFile(files[k])
			if err != nil {
				t.Fatal(err)
			}
			total += len(file)
			if err := checkSum(s.info.Name, file, files[k+1]); err != nil {
				t.Error(err)
			}
			for _, want := range []string{files[k], files[k+1], "## " + s.info.Name} {
				if !bytes.Contains(readme, []byte(want)) {
					t.Errorf("README.md does not have %s", want)
				}
			}
		}
	}
	if total > 6<<20 {
		t.Errorf("the embedded files have %d bytes; 6 MiB are the limit", total)
	}
	for name, words := range map[string]string{
		"coads-sst":     "Redistributions in binary form must provide access to this notice",
		"colorado-tmax": "GNU GENERAL PUBLIC LICENSE",
		"us-diseases":   "The Artistic License 2.0",
		"digits":        "The scikit-learn developers",
		"fashion-mnist": "Zalando SE",
		"vtest":         "Apache License",
	} {
		k := slices.IndexFunc(List(), func(i Info) bool { return i.Name == name })
		if k < 0 || !strings.Contains(List()[k].License, words) {
			t.Errorf("the words %q are not in the licence of %s", words, name)
		}
	}
}

func TestLoadRefusesDamage(t *testing.T) {
	info := seaSurfaceInfo()
	damaged := append([]byte(nil), seaSurfaceFile...)
	damaged[1000] ^= 1
	_, err := load(info, damaged)
	if err == nil || !strings.Contains(err.Error(), info.Name) || !strings.Contains(err.Error(), info.SHA256) {
		t.Errorf("one flipped bit: error %v; want one with the name and the SHA-256 expected", err)
	}

	sum := sha256.Sum256([]byte("not gzip"))
	if _, err := load(Info{Name: "x", SHA256: hex.EncodeToString(sum[:])}, []byte("not gzip")); err == nil {
		t.Error("a file that is not gzip was taken")
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(bytes.Repeat([]byte("abc"), 1000))
	z.Close()
	short := b.Bytes()[:b.Len()-6]
	sum = sha256.Sum256(short)
	if _, err := load(Info{Name: "x", SHA256: hex.EncodeToString(sum[:])}, short); err == nil {
		t.Error("a truncated file was taken")
	}
}
