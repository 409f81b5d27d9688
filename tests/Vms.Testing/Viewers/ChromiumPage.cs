using Vms.Testing.Processes;

namespace Vms.Testing.Viewers;

/// <summary>A headless Chromium that opens one page; the page reports by itself, so no driver is needed.</summary>
public sealed class ChromiumPage : IAsyncDisposable
{
    private readonly TestDirectory _profile;
    private readonly ChildProcess _process;

    private ChromiumPage(TestDirectory profile, ChildProcess process) => (_profile, _process) = (profile, process);

    public string Output => _process.Output;

    public static async Task<ChromiumPage> OpenAsync(Uri page)
    {
        var profile = new TestDirectory();
        var process = await ChildProcess.StartAsync("chromium",
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--disable-dev-shm-usage",
            "--window-size=960,560", $"--user-data-dir={profile.Path}", page.AbsoluteUri,
        ]);
        return new ChromiumPage(profile, process);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _profile.Dispose();
    }
}
