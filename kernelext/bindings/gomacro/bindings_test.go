package gomacro_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/cosmos72/gomacro/base/untyped"
	"github.com/cosmos72/gomacro/imports"

	_ "github.com/lowrankgo/lowrank/kernelext/bindings/gomacro"
)

// ours are the bound packages in gomacro's registry.
func ours(t *testing.T) map[string]imports.Package {
	list := map[string]imports.Package{}
	for path, p := range imports.Packages {
		if strings.HasPrefix(path, "github.com/lowrankgo/") || strings.HasPrefix(path, "gonum.org/") {
			list[path] = p
		}
	}
	if len(list) < 20 {
		t.Fatalf("%d packages are bound, want at least 20", len(list))
	}
	return list
}

func TestEntriesAreSound(t *testing.T) {
	for path, p := range ours(t) {
		if p.Name == "" || len(p.Binds)+len(p.Types) == 0 {
			t.Errorf("%s: name %q, %d values, %d types", path, p.Name, len(p.Binds), len(p.Types))
		}
		for name, v := range p.Binds {
			if !v.IsValid() {
				t.Errorf("%s.%s has no value", path, name)
			}
		}
		for name, typ := range p.Types {
			if typ.Name() != name && typ.PkgPath() == path {
				t.Errorf("%s.%s is %s", path, name, typ)
			}
		}
		for name, s := range p.Untypeds {
			if kind, _ := untyped.Unmarshal(s); kind == untyped.None {
				t.Errorf("%s.%s: %q is no untyped constant", path, name, s)
			}
		}
	}
}

func TestProxiesImplementTheirInterfaces(t *testing.T) {
	n := 0
	for path, p := range ours(t) {
		for name, proxy := range p.Proxies {
			n++
			if i := p.Types[name]; i == nil || i.Kind() != reflect.Interface || !reflect.PointerTo(proxy).Implements(i) {
				t.Errorf("%s: the proxy %s does not implement %v", path, proxy, i)
			}
			if proxy.Kind() != reflect.Struct || proxy.Field(0).Name != "Object" {
				t.Errorf("%s: the proxy %s has no Object", path, proxy)
			}
		}
	}
	if n == 0 {
		t.Error("no proxies")
	}
}
