/* The least that pam_exec can run. */
int main(void) { return 0; }
