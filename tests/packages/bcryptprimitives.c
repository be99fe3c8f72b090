/* What Debian's Wine lacks of bcryptprimitives.dll and Rust's standard library imports. For tests
   under Wine alone; real Windows has its own, and nothing of this is shipped. */

#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length)
{
    return RtlGenRandom(bytes, (ULONG)length);
}
