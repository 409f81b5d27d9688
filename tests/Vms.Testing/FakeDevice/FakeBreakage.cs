using System.Text;
using Microsoft.AspNetCore.Http;

namespace Vms.Testing.FakeDevice;

/// <summary>Answers as broken as those of real devices, and of hostile ones.</summary>
internal static class FakeBreakage
{
    private const string Bomb = """
        <?xml version="1.0"?><!DOCTYPE b [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY a0 "boom"><!ENTITY a1 "&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;"><!ENTITY a2 "&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;">
        <!ENTITY a3 "&a2;&a2;&a2;&a2;&a2;&a2;&a2;&a2;&a2;&a2;"><!ENTITY a4 "&a3;&a3;&a3;&a3;&a3;&a3;&a3;&a3;&a3;&a3;"><!ENTITY a5 "&a4;&a4;&a4;&a4;&a4;&a4;&a4;&a4;&a4;&a4;">
        <!ENTITY a6 "&a5;&a5;&a5;&a5;&a5;&a5;&a5;&a5;&a5;&a5;"><!ENTITY a7 "&a6;&a6;&a6;&a6;&a6;&a6;&a6;&a6;&a6;&a6;">]>
        <s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><x>&a7;&f;</x></s:Body></s:Envelope>
        """;

    /// <returns>The answer is given.</returns>
    public static async Task<bool> TryAnswerAsync(HttpContext context, BrokenAnswer broken, CancellationToken stopping)
    {
        switch (broken)
        {
            case BrokenAnswer.HtmlError:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html><head><title>500</title><body>Internal error<br></html>", stopping);
                return true;
            case BrokenAnswer.Bomb:
                await FakeSoap.WriteAsync(context, StatusCodes.Status200OK, Bomb);
                return true;
            case BrokenAnswer.Endless:
                await EndlessAsync(context, stopping);
                return true;
            case BrokenAnswer.Dropped:
                context.Abort();
                return true;
            case BrokenAnswer.Hanging:
                using (var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted))
                    await Task.Delay(Timeout.InfiniteTimeSpan, either.Token);
                return true;
            case BrokenAnswer.RedirectAway:
                context.Response.Redirect("http://192.0.2.1/onvif/device_service");
                return true;
            case BrokenAnswer.RedirectHome when context.Request.Path != "/onvif/moved":
                context.Response.Redirect("/onvif/moved", permanent: false, preserveMethod: true);
                return true;
            case BrokenAnswer.OddFault:
                throw FakeFaultException.Sender("vendor:OutOfCheese", "Redo from start");
            case BrokenAnswer.Forbidden:
                throw new FakeFaultException("ter:NotAuthorized", "Sender not Authorized", StatusCodes.Status400BadRequest);
            default:
                return false;
        }
    }

    public static string Break(string answer, BrokenAnswer broken) => broken switch
    {
        BrokenAnswer.UndeclaredPrefix => answer.Replace("</SOAP-ENV:Body>", "<tad:Extra tad:kind='x'/></SOAP-ENV:Body>", StringComparison.Ordinal)
            .Replace(" xmlns:tt=\"http://www.onvif.org/ver10/schema\"", "", StringComparison.Ordinal),
        BrokenAnswer.Truncated => answer[..(answer.Length * 2 / 3)],
        _ => answer,
    };

    private static async Task EndlessAsync(HttpContext context, CancellationToken stopping)
    {
        context.Response.ContentType = "application/soap+xml";
        byte[] block = Encoding.ASCII.GetBytes(new string('x', 64 << 10));
        await context.Response.WriteAsync("<e>", stopping);
        while (!context.RequestAborted.IsCancellationRequested && !stopping.IsCancellationRequested)
            await context.Response.Body.WriteAsync(block, context.RequestAborted);
    }
}
