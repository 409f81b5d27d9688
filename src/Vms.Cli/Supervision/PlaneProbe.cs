using Vms.Cli.Infrastructure;

namespace Vms.Cli.Supervision;

/// <summary>Asks a plane for its health over its local socket.</summary>
internal sealed class PlaneProbe : IDisposable
{
    /// <summary>A plane that needs longer to say that it is well is not.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http;

    public PlaneProbe(string socketPath)
    {
        _http = LocalHttp.Client(socketPath);
        _http.Timeout = s_patience;
        _http.MaxResponseContentBufferSize = 64 * 1024;
    }

    /// <summary>Never throws for a plane that is away: that is an answer.</summary>
    public async Task<(bool Ok, string Text)> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(path, cancellationToken);
            return (response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (HttpRequestException e)
        {
            return (false, $"no answer ({e.InnerException?.Message ?? e.Message})");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"no answer within {s_patience.TotalSeconds:0} s");
        }
    }

    public void Dispose() => _http.Dispose();
}
