using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Egress;

/// <summary>A headless Chromium that opens one page; the page reports by itself, so no driver is needed.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly TestDirectory _profile;
    private readonly ChildProcess _process;

    private Chromium(TestDirectory profile, ChildProcess process) => (_profile, _process) = (profile, process);

    public string Output => _process.Output;

    public static async Task<Chromium> OpenAsync(Uri page)
    {
        var profile = new TestDirectory();
        var process = await ChildProcess.StartAsync("chromium",
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--disable-dev-shm-usage",
            "--window-size=960,560", $"--user-data-dir={profile.Path}", page.AbsoluteUri,
        ]);
        return new Chromium(profile, process);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _profile.Dispose();
    }
}
