using System.Text.Json;
using System.Text.Json.Nodes;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.FrontDoor;

public sealed class ApiDocumentTests
{
    /// <summary>Set VMS_UPDATE_DOCS=1 to write the page instead of comparing it.</summary>
    private static readonly bool s_update = Environment.GetEnvironmentVariable("VMS_UPDATE_DOCS") == "1";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string s_page = Path.Combine(TestPaths.Repository, "docs", "ref", "openapi.json");

    [Fact]
    public async Task The_page_in_docs_is_what_the_program_answers()
    {
        await using var world = await ControlWorld.StartAsync();
        using var answer = await world.Http.GetAsync("/api/openapi.json");
        Assert.True(answer.IsSuccessStatusCode, world.Log.Text);
        var served = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.ToJsonString(s_indented) + "\n";
        if (s_update)
            await File.WriteAllTextAsync(s_page, served);
        Assert.Equal(await File.ReadAllTextAsync(s_page), served);
    }

    [Fact]
    public async Task The_linter_finds_nothing_in_it() => Assert.Equal("", await SdkTools.RunAsync("node", ["tools/lint.mjs", s_page]));

    /// <summary>A linter that finds nothing might look at nothing.</summary>
    [Theory]
    [InlineData("summary", "operation-summary")]
    [InlineData("operationId", "operation-operationId")]
    [InlineData("security", "security-defined")]
    public async Task The_linter_finds_what_is_missing(string member, string rule)
    {
        using var directory = new TestDirectory();
        var document = JsonNode.Parse(await File.ReadAllTextAsync(s_page, TestContext.Current.CancellationToken))!;
        document["paths"]!["/api/cameras"]!["get"]!.AsObject().Remove(member);
        var changed = directory["openapi.json"];
        await File.WriteAllTextAsync(changed, document.ToJsonString(), TestContext.Current.CancellationToken);
        var complaint = await SdkTools.RunAsync("node", ["tools/lint.mjs", changed], exitCode: 1);
        Assert.Contains($"{rule}: #/paths//api/cameras/get", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operation_that_forgets_its_failures_or_writes_json_without_a_name_is_found()
    {
        using var directory = new TestDirectory();
        var document = JsonNode.Parse(await File.ReadAllTextAsync(s_page, TestContext.Current.CancellationToken))!;
        var get = document["paths"]!["/api/cameras/{id}"]!["get"]!;
        get["responses"]!.AsObject().Remove("404");
        get["responses"]!["200"]!["content"]!["application/json"]!["schema"] = new JsonObject { ["type"] = "object" };
        var changed = directory["openapi.json"];
        await File.WriteAllTextAsync(changed, document.ToJsonString(), TestContext.Current.CancellationToken);
        var complaint = await SdkTools.RunAsync("node", ["tools/lint.mjs", changed], exitCode: 1);
        Assert.Contains("vms/failures-by-shape", complaint, StringComparison.Ordinal);
        Assert.Contains("vms/json-is-named", complaint, StringComparison.Ordinal);
    }
}
