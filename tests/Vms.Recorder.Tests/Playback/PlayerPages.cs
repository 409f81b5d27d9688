using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Vms.Testing.Viewers;

namespace Vms.Recorder.Tests.Playback;

/// <summary>A page beside the recordings that plays them with hls.js, dash.js or the browser's own demuxer, and reports.</summary>
internal sealed class PlayerPages
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(2);

    private readonly Channel<JsonElement> _results = Channel.CreateUnbounded<JsonElement>();

    private PlayerPages()
    {
    }

    public static PlayerPages Map(WebApplication app)
    {
        var pages = new PlayerPages();
        app.MapGet("/pages/play.html", () => TypedResults.PhysicalFile(Path.Combine(AppContext.BaseDirectory, "Playback", "Pages", "play.html"), "text/html"));
        app.MapGet("/players/{name}", (string name) => TypedResults.PhysicalFile(Players.ScriptOf(name), "text/javascript"));
        app.MapPost("/result", async (HttpRequest request) =>
        {
            using var document = await JsonDocument.ParseAsync(request.Body);
            pages._results.Writer.TryWrite(document.RootElement.Clone());
        });
        return pages;
    }

    /// <param name="player">hls, dash or file.</param>
    /// <param name="url">What it plays; on the host of the pages.</param>
    public async Task<JsonElement> PlayAsync(string player, string url)
    {
        await using var browser = await ChromiumPage.OpenAsync(new Uri(new Uri(url), $"/pages/play.html?player={player}&url={Uri.EscapeDataString(url)}"));
        return await _results.Reader.ReadAsync().AsTask().WaitAsync(s_deadline);
    }
}
