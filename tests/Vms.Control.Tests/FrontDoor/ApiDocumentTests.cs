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

    [Fact]
    public async Task The_page_in_docs_is_what_the_program_answers()
    {
        await using var world = await ControlWorld.StartAsync();
        var served = JsonNode.Parse(await world.Http.GetStringAsync("/api/openapi.json"))!.ToJsonString(s_indented) + "\n";
        var page = Path.Combine(TestPaths.Repository, "docs", "ref", "openapi.json");
        if (s_update)
            await File.WriteAllTextAsync(page, served);
        Assert.Equal(await File.ReadAllTextAsync(page), served);
    }
}
