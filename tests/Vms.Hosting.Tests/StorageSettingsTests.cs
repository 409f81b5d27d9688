using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.Extensions.Configuration;
using Vms.Testing;

namespace Vms.Hosting.Tests;

public sealed class StorageSettingsTests
{
    private static readonly string s_other = Path.Combine(Path.GetTempPath(), "other");

    [Fact]
    public void Without_a_file_there_is_the_main_pool_alone()
    {
        using var directory = new TestDirectory();
        Assert.Same(StorageSettings.None, StorageSettings.Load(Options(directory.Path)));
        var named = Assert.Throws<ValidationException>(() => StorageSettings.Load(Options(directory.Path, directory["no.json"])));
        Assert.Contains("VMS_STORAGE_FILE", named.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pools_are_read_with_everything_that_was_said_of_them()
    {
        using var directory = new TestDirectory();
        string big = directory.Create("big");
        File.WriteAllText(directory["storage.json"], $$"""
            { "pools": [        // a comment
                { "name": "main", "moveAfterHours": 48 },
                { "name": "big", "path": "{{big.Replace("\\", "\\\\", StringComparison.Ordinal)}}", "role": "archive", "maxBytes": 1e12, "minFreeBytes": 5, "headroomHours": 0.5, "maxDays": 90, "encrypt": true },
            ] }
            """);
        var settings = StorageSettings.Load(Options(directory.Path));
        Assert.Equal(TimeSpan.FromHours(48), settings.Main!.MoveAfter);
        Assert.Equal(
            new PoolSettings("big", big, PoolRole.Archive, 1_000_000_000_000, 5, 0.5, TimeSpan.FromDays(90), null, true), Assert.Single(settings.Pools));
    }

    [Theory]
    [InlineData("[]", "'pools'")]
    [InlineData("{", "no JSON")]
    [InlineData("""{"pools":[{"path":"/x"}]}""", "pools[0].name")]
    [InlineData("""{"pools":[{"name":"a:b","path":"/x"}]}""", "pools[0].name")]
    [InlineData("""{"pools":[{"name":"a"}]}""", "pools[0].path")]
    [InlineData("""{"pools":[{"name":"a","path":"x"}]}""", "pools[0].path")]
    [InlineData("""{"pools":[{"name":"a","path":"/data/recordings/x"}]}""", "pools[0].path")]
    [InlineData("""{"pools":[{"name":"a","path":"/data"}]}""", "pools[0].path")]
    [InlineData("""{"pools":[{"name":"a","path":"/x"},{"name":"b","path":"/x/y"}]}""", "pools[1].path")]
    [InlineData("""{"pools":[{"name":"a","path":"/x"},{"name":"A","path":"/y"}]}""", "pools[1].name")]
    [InlineData("""{"pools":[{"name":"a","path":"/x","role":"spare"}]}""", "pools[0].role")]
    [InlineData("""{"pools":[{"name":"a","path":"/x","maxBytes":-1}]}""", "pools[0].maxBytes")]
    [InlineData("""{"pools":[{"name":"a","path":"/x","maxDays":"9"}]}""", "pools[0].maxDays")]
    [InlineData("""{"pools":[{"name":"a","path":"/x","size":1}]}""", "pools[0].size")]
    [InlineData("""{"pools":[{"name":"a","path":"/x","moveAfterHours":1}]}""", "pools[0].moveAfterHours")]
    [InlineData("""{"pools":[{"name":"a","path":"/x","role":"archive","moveAfterHours":1}]}""", "pools[0].moveAfterHours")]
    [InlineData("""{"pools":[{"name":"main","maxBytes":1}]}""", "pools[0].maxBytes")]
    public void What_makes_no_sense_is_refused_with_the_key_that_is_wrong(string json, string key)
    {
        if (OperatingSystem.IsWindows())
        {
            return;     // the paths here are not absolute there
        }

        var refused = Assert.Throws<ValidationException>(() => StorageSettings.Parse(Encoding.UTF8.GetBytes(json), "storage.json", ["/data/recordings", s_other]));
        Assert.StartsWith("storage.json", refused.Message, StringComparison.Ordinal);
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_sixteen_pools_at_most()
    {
        string Json(int pools) => $$"""{"pools":[{{string.Join(',', Enumerable.Range(0, pools).Select(i => $$"""{"name":"p{{i}}","path":"/pools/{{i}}"}"""))}}]}""";
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(15, StorageSettings.Parse(Encoding.UTF8.GetBytes(Json(15)), "f", []).Pools.Count);
            Assert.Throws<ValidationException>(() => StorageSettings.Parse(Encoding.UTF8.GetBytes(Json(16)), "f", []));
        }
    }

    private static PlaneOptions Options(string data, string? file = null) => PlaneOptions.From(
        new ConfigurationBuilder().AddInMemoryCollection([new("VMS_DATA", data), new("VMS_STORAGE_FILE", file)]).Build());
}
