using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>A camera with G.711 sound, which no browser plays: it is heard in playback, and what is recorded stays what the camera sent.</summary>
public sealed class PlaybackSoundTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Recorded_G711_is_silent_until_somebody_listens_and_then_heard()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p", "h264", "--audio", "pcma");
        await using var product = await ProductRun.StartAsync(directory);
        var id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await Eventually.TrueAsync(() => RecordedFrames.SegmentsOf(product.DataDirectory, id).Count >= 2, s_deadline);
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        page.SetDefaultTimeout((float)s_deadline.TotalMilliseconds);
        await chromium.SignInAsync(product);

        await page.GotoAsync($"{product.Url}/playback?camera={id}&at={DateTimeOffset.UtcNow.AddSeconds(-12):yyyy-MM-dd'T'HH:mm:ss'Z'}");
        await page.Locator("video[data-state=ready]").WaitForAsync();
        Assert.True(await page.EvaluateAsync<bool>("() => document.querySelector('video').muted"));
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Listen" }).ClickAsync();
        await page.GetByLabel("Volume").FillAsync("0.9");
        await page.EvaluateAsync(
            """
            () => {
              const context = new AudioContext();
              const analyser = context.createAnalyser();
              context.createMediaElementSource(document.querySelector("video")).connect(analyser).connect(context.destination);
              const wave = new Float32Array(analyser.fftSize);
              window.__loudest = () => { analyser.getFloatTimeDomainData(wave); return Math.max(...wave.map(Math.abs)); };
            }
            """);
        await Eventually.TrueAsync(async () => await page.EvaluateAsync<double>("() => window.__loudest()") > 0.1, s_deadline);
        Assert.True(await page.EvaluateAsync<double>("() => document.querySelector('video').webkitAudioDecodedByteCount") > 0);

        // Remembered: how loud, not that somebody listened.
        await page.ReloadAsync();
        await page.Locator("video[data-state=ready]").WaitForAsync();
        Assert.True(await page.EvaluateAsync<bool>("() => document.querySelector('video').muted"));
        await page.Keyboard.PressAsync("m");
        Assert.Equal("0.9", await page.GetByLabel("Volume").InputValueAsync());
        chromium.AssertNoErrors();

        var segment = RecordedFrames.SegmentsOf(product.DataDirectory, id)[0];
        Assert.Equal("pcm_alaw", (await ChildProcess.RunAsync("ffprobe", ["-v", "fatal", "-select_streams", "a", "-show_entries", "stream=codec_name", "-of", "csv=p=0", segment])).Trim());
    }
}
